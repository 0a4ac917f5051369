from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView


class Connexion(LoginView):
    """Sign in. Who is already in goes on."""

    template_name = "comptes/connexion.html"
    authentication_form = AuthenticationForm
    redirect_authenticated_user = True
