from allauth.account.adapter import get_adapter
from allauth.account.forms import LoginForm
from allauth.account.models import EmailAddress
from allauth.account.views import LoginView
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from comptes import invitations
from comptes.acces import Privee, page_privee
from comptes.forms import NouvelleInvitation
from comptes.models import Invitation
from comptes.roles import Role
from moteur import horloge
from moteur.erreurs import Refus

INVITATIONS_PAR_PAGE = 100


class Connexion(LoginView):  # type: ignore[misc]  # allauth is typed in part
    """Sign in. Who is already in goes on; who tried too often is told to wait, as the status says too."""

    def form_invalid(self, form: LoginForm) -> HttpResponse:
        reponse: HttpResponse = super().form_invalid(form)
        if form.has_error("__all__", "too_many_login_attempts"):
            reponse.status_code = 429
        return reponse


@page_privee
def mon_compte(request: Privee) -> HttpResponse:
    """What this person may do here, and how she signs in."""
    jour = horloge.aujourdhui()
    moyens = Authenticator.objects.filter(user=request.user).values_list("type", flat=True)
    return render(
        request,
        "comptes/mon_compte.html",
        {
            "affectations": request.user.affectations.valides_le(jour).select_related("region").order_by("du", "pk"),
            "adresses": EmailAddress.objects.filter(user=request.user).order_by("-primary", "email"),
            "moyens": list(moyens),
        },
    )


@never_cache
def invitation(request: HttpRequest, jeton: str) -> HttpResponse:
    """The page of a link of invitation: who invites, to do what, and the next step for this visitor."""
    trouvee = invitations.find(jeton)
    if trouvee is None:
        raise Http404
    try:
        invitations.check_open(trouvee)
        if request.method == "POST":
            return _answer(request, trouvee)
    except Refus as refus:
        return render(request, "comptes/invitation_close.html", {"refus": refus}, status=410)
    pour_moi = request.user.is_authenticated and invitations.is_for(trouvee, request.user)
    contexte = {"invitation": trouvee, "pour_moi": pour_moi}
    return render(request, "comptes/invitation.html", contexte)


def _answer(request: HttpRequest, trouvee: Invitation) -> HttpResponse:
    """Accept when signed in; else open an account, whose address this link has already proven."""
    if request.user.is_authenticated:
        affectation = invitations.accept(trouvee, request.user)
        messages.success(request, f"Invitation acceptée : vous êtes {affectation.get_role_display()}.")
        return redirect("mon_compte")
    get_adapter().stash_verified_email(request, trouvee.courriel)
    return redirect(f"{reverse('account_signup')}?{urlencode({'next': request.path})}")


@page_privee
def inviter(request: Privee) -> HttpResponse:
    """The invitations of the agency, and a form to send one: for administrators."""
    _only_administrators(request)
    form = NouvelleInvitation(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            envoyee = invitations.invite(par=request.user, email=form.cleaned_data.pop("courriel"), **form.cleaned_data)
        except Refus as refus:
            form.add_error(None, refus.message)
        else:
            messages.success(request, f"Invitation envoyée à {envoyee.courriel}.")
            return redirect("inviter")
    contexte = {
        "form": form,
        "maintenant": horloge.maintenant(),
        "invitations": Invitation.objects.select_related("region", "par")[:INVITATIONS_PAR_PAGE],
    }
    return render(request, "comptes/inviter.html", contexte)


@require_POST
@page_privee
def annuler_invitation(request: Privee, pk: int) -> HttpResponse:
    """Take back an invitation that was not accepted yet."""
    _only_administrators(request)
    get_object_or_404(Invitation, pk=pk)
    try:
        invitations.cancel(pk, request.user)
    except Refus as refus:
        messages.error(request, refus.message)
    else:
        messages.success(request, "Invitation annulée : son lien n'ouvre plus rien.")
    return redirect("inviter")


def _only_administrators(request: Privee) -> None:
    """To anybody else these pages do not exist."""
    if Role.ADMINISTRATEUR not in request.user.roles_au(horloge.aujourdhui()):
        raise Http404
