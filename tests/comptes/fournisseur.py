"""A real OpenID Connect provider for the tests, on a free port of this machine: prints its address, then serves."""

import logging

from oidc_provider_mock import app
from werkzeug.serving import make_server

if __name__ == "__main__":
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    serveur = make_server("localhost", 0, app(require_nonce=True), threaded=True)
    print(f"http://localhost:{serveur.server_port}", flush=True)  # noqa: T201 - how the test learns the port
    serveur.serve_forever()
