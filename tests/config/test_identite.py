"""Identity providers, read from the environment."""

import pytest

from config.env import VariableInvalide
from config.identite import origins, providers

COMPLET = {
    "OIDC_PRO_SANTE_CONNECT_ISSUER": "https://auth.esante.gouv.fr/realms/esante/",
    "OIDC_PRO_SANTE_CONNECT_CLIENT_ID": "esms",
    "OIDC_PRO_SANTE_CONNECT_CLIENT_SECRET": "secret",
    "OIDC_PRO_SANTE_CONNECT_LABEL": "Pro Santé Connect",
    "OIDC_PRO_SANTE_CONNECT_AUTORISATION": "https://wallet.esante.gouv.fr/auth",
}


def configure(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    for nom, valeur in variables.items():
        monkeypatch.setenv(nom, valeur)


def test_none_without_variables():
    assert (providers(), origins()) == ([], [])


def test_a_complete_one(monkeypatch: pytest.MonkeyPatch):
    configure(monkeypatch, COMPLET)
    [fournisseur] = providers()
    assert fournisseur["provider_id"] == "pro-sante-connect"
    assert fournisseur["name"] == "Pro Santé Connect"
    assert fournisseur["settings"]["server_url"] == "https://auth.esante.gouv.fr/realms/esante"
    assert fournisseur["settings"]["oauth_pkce_enabled"] is True
    assert origins() == ["https://auth.esante.gouv.fr", "https://wallet.esante.gouv.fr"]


@pytest.mark.parametrize("manque", ["CLIENT_ID", "CLIENT_SECRET"])
def test_an_incomplete_one_is_refused(monkeypatch: pytest.MonkeyPatch, manque: str):
    configure(monkeypatch, COMPLET | {f"OIDC_PRO_SANTE_CONNECT_{manque}": ""})
    with pytest.raises(VariableInvalide, match=manque):
        providers()


@pytest.mark.parametrize("adresse", ["http://auth.fr", "auth.fr", "https://", "ftp://auth.fr", "javascript:alert(1)"])
def test_an_address_in_the_clear_is_refused(monkeypatch: pytest.MonkeyPatch, adresse: str):
    configure(monkeypatch, COMPLET | {"OIDC_PRO_SANTE_CONNECT_ISSUER": adresse})
    with pytest.raises(VariableInvalide, match="https"):
        providers()


def test_this_machine_may_be_in_the_clear(monkeypatch: pytest.MonkeyPatch):
    configure(monkeypatch, COMPLET | {"OIDC_PRO_SANTE_CONNECT_ISSUER": "http://localhost:9400"})
    assert origins()[0] == "http://localhost:9400"
