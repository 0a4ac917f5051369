"""With `DEBUG` too, what does not exist is told in French."""

import pytest
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpResponse
from django.test import Client, override_settings

from config.introuvable import EnFrancais


@pytest.mark.django_db
@override_settings(DEBUG=True)
@pytest.mark.parametrize("adresse", ["/nulle-part/", "/appels/INCONNU/"])
def test_an_unknown_address_and_an_unknown_object_give_the_same_page(adresse: str) -> None:
    reponse = Client().get(adresse)
    assert reponse.status_code == 404
    assert "Page non trouvée" in reponse.content.decode()


def test_it_is_not_used_without_debug() -> None:
    with pytest.raises(MiddlewareNotUsed):
        EnFrancais(lambda requete: HttpResponse())
