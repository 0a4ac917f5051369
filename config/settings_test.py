"""Settings of the tests: a server of their own, fast because nothing in it has to survive."""

import os

from config import stockage
from config.chemins import VAR_DIR
from config.settings import *  # noqa: F403
from config.settings import STORAGES, databases

DEBUG = False
DATABASES = databases("pg-test", durable=False)
if "EMBARQUE" in DATABASES["default"]:
    # Two runs of the tests share the server, not the base. All workers of a run agree on its name.
    essai = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))[:12]
    DATABASES["default"]["TEST"] = {"NAME": f"test_{essai}"}
STORAGES["pieces"] = stockage.on_disk(VAR_DIR / "pieces-test")
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
