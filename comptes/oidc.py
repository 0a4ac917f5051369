"""The two addresses of the OpenID Connect flow: leave for the provider, come back from it."""

from allauth.account.internal.decorators import login_not_required
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.http import Http404, HttpRequest, HttpResponse

from comptes.provider import Adaptateur


@login_not_required  # type: ignore[untyped-decorator]  # allauth is typed in part
def login(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Ask, then (POST) leave for the provider. An unknown provider does not exist."""
    return _through(OAuth2LoginView, request, provider_id)


@login_not_required  # type: ignore[untyped-decorator]
def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Come back with a code, or with a refusal."""
    return _through(OAuth2CallbackView, request, provider_id)


def _through(vue: type[OAuth2LoginView | OAuth2CallbackView], request: HttpRequest, provider_id: str) -> HttpResponse:
    try:
        reponse: HttpResponse = vue.adapter_view(Adaptateur(request, provider_id))(request)
    except SocialApp.DoesNotExist:
        raise Http404 from None
    return reponse
