"""Settings of the project, the same file everywhere: what differs comes from the environment.

Without any variable this is the local demonstration: an embedded PostgreSQL, pages on 127.0.0.1,
`DEBUG` on. As soon as `DATABASE_URL` is given, `DEBUG` is off and `SECRET_KEY` and
`ALLOWED_HOSTS` must be given too: a served instance never runs on the defaults of a demonstration.
"""

from typing import Any

from config import env, identite, stockage
from config.chemins import VAR_DIR
from config.cle import local_secret_key


def databases(dossier: str, *, durable: bool = True) -> dict[str, dict[str, Any]]:
    """`DATABASE_URL` if given, else the embedded server under `var/<dossier>`."""
    externe = env.database("DATABASE_URL")
    embarquee: dict[str, Any] = {
        "ENGINE": "config.embarque",
        "NAME": "esms",
        "USER": "postgres",
        "EMBARQUE": {"racine": VAR_DIR / dossier, "durable": durable},
    }
    base = externe or embarquee
    # Between two requests a connection is checked, so a restarted server is not a page in error.
    return {"default": {**base, "CONN_MAX_AGE": env.integer("CONN_MAX_AGE", 0), "CONN_HEALTH_CHECKS": True}}


DATABASES = databases("pg")
LOCAL = "EMBARQUE" in DATABASES["default"]

DEBUG = env.boolean("DEBUG", LOCAL)
SECRET_KEY = env.text("SECRET_KEY")
if not SECRET_KEY:
    if not LOCAL:
        raise env.VariableInvalide("La variable SECRET_KEY manque : elle est obligatoire avec DATABASE_URL.")
    SECRET_KEY = local_secret_key(VAR_DIR / "cle-secrete")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]" if LOCAL else "")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "ui",
    "comptes",
    "moteur",
    "grappes",
    "aap",
    "scoring",
    "conventions",
    "usages",
    "accompagnement",
    "instruction",
    "portail",
    "courriels",
    "vitrine",
    "procrastinate.contrib.django",
    "viewflow",
    "viewflow.workflow",
    "dsfr",
    "widget_tweaks",
    "django_htmx",
    "guardian",
    "pgtrigger",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "config.horloge.figee",
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "config.introuvable.EnFrancais",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "vitrine.menu.menu",
            ],
        },
    }
]
# The form templates of the DSFR are found through the ordinary template settings.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"

# One request may hold several transactions: each service opens its own (`atomic(durable=True)`).
ATOMIC_REQUESTS = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "comptes.Utilisateur"
AUTHENTICATION_BACKENDS = [
    "comptes.backends.Porte",
    "guardian.backends.ObjectPermissionBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{nom}"}
    for nom in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "connexion"
LOGIN_REDIRECT_URL = LOGOUT_REDIRECT_URL = "dossiers"
# The pages of the local demonstration are read on its day; a real instance never stops its clock (config/horloge.py).
HORLOGE = env.day("HORLOGE")
if HORLOGE and not (LOCAL and DEBUG):
    raise env.VariableInvalide("La variable HORLOGE arrête l'horloge : elle ne sert qu'à la démonstration locale.")
# Visitors of the local demonstration read with this account; nowhere else does it count (comptes/acces.py).
LECTEUR_DEMO = env.text("LECTEUR_DEMO", "demo.auditeur")
# Nobody is logged in until proven otherwise: no anonymous row in the table of users.
ANONYMOUS_USER_NAME = None

LANGUAGE_CODE = "fr"
TIME_ZONE = "Europe/Paris"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
# Documents are nobody's static files: kept apart, served by one view (docs/adr/0013-documents.md). Sizes in bytes.
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "pieces": stockage.documents(VAR_DIR / "pieces"),
}
PIECE_TAILLE_MAX = env.integer("PIECE_MO", 20, minimum=1) * 2**20
PIECES_DOSSIER_MAX = env.integer("PIECES_DOSSIER_MO", 300, minimum=1) * 2**20

# In the clear only for the local demonstration; elsewhere everything goes through TLS.
HTTPS = env.boolean("HTTPS", not LOCAL)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = env.integer("SECURE_HSTS_SECONDS", 31_536_000 if HTTPS else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
if env.boolean("BEHIND_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"

# Nothing inline, nothing from elsewhere. `data:` for the drawings that the design system's sheet and the QR code carry.
CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "frame-src": ["'self'"],
        "base-uri": ["'self'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'", *identite.origins()],
    }
}

# Accounts (docs/adr/0011-comptes.md). Where links of e-mails written outside a request lead:
ADRESSE_SITE = env.text("ADRESSE_SITE", "http://127.0.0.1:8000").rstrip("/")
# Limits of attempts are counted in the database, which every web process shares.
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "comptes_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if env.boolean("BEHIND_PROXY", False) else 0
ACCOUNT_ADAPTER = "comptes.adapters.Comptes"
ACCOUNT_LOGIN_METHODS = {"email", "username"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_SIGNUP_FORM_CLASS = "comptes.identite.Identite"
ACCOUNT_FORMS = {
    "login": "comptes.forms.Connexion",
    "signup": "comptes.forms.Inscription",
    "reset_password": "comptes.forms.MotDePasseOublie",
}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 3
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[ESMS numérique] "
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = False
# Beside those of the accounts: lists of establishments simulated without an account.
ACCOUNT_RATE_LIMITS = {"simuler": "20/m/ip"}
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
SOCIALACCOUNT_ADAPTER = "comptes.adapters.Fournisseurs"
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": identite.providers()}}
SOCIALACCOUNT_EMAIL_AUTHENTICATION = SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
MFA_ADAPTER = "comptes.adapters.SecondFacteur"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
MFA_TOTP_ISSUER = "ESMS numérique"
MFA_TOTP_TOLERANCE = 1

# E-mails leave through this server (docs/adr/0012-courriels.md). Those about the dossiers leave from a served instance
# only: the embedded base is a demonstration, it writes them and keeps them.
EMAIL_HOST = env.text("EMAIL_HOST")
EMAIL_PORT = env.integer("EMAIL_PORT", 587)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = env.text("EMAIL_USER"), env.text("EMAIL_PASSWORD")
EMAIL_USE_TLS = env.boolean("EMAIL_TLS", True)
EMAIL_TIMEOUT = 10
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("EMAIL_FROM", "ESMS numérique <ne-pas-repondre@localhost>")
COURRIELS_ENVOYES = bool(EMAIL_HOST) and not LOCAL

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "WARNING").upper()},
}
