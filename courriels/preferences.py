"""How soon each person is told, and the signed link by which she stops it without signing in."""

from collections.abc import Collection, Iterable, Mapping

from django.core import signing
from django.db import transaction

from comptes.models import Utilisateur
from courriels.models import RYTHMES, Courriel, Nature, Preference, Rythme, Sort

SEL = "courriels.desabonnement"
#: How soon, by person and kind; kinds that were never chosen are absent.
Choix = Mapping[tuple[int, str], str]


def choices(personnes: Collection[int]) -> Choix:
    """What these people chose. One query."""
    lignes = Preference.objects.filter(utilisateur__in=personnes).values_list("utilisateur", "nature", "rythme")
    return {(qui, nature): rythme for qui, nature, rythme in lignes}


def rhythm(choix: Choix, personne: int, nature: Nature) -> Rythme:
    """How soon this person is told that kind of thing."""
    return Rythme(choix.get((personne, nature), RYTHMES[nature]))


@transaction.atomic
def choose(utilisateur: Utilisateur, rythmes: Iterable[tuple[Nature, Rythme]]) -> None:
    """Keep these choices; what waited for the digest and is no longer wanted will not be in it.

    Raises: IntegrityError for a choice the constraints refuse: the forms never offer it.
    """
    for nature, rythme in rythmes:
        Preference.objects.update_or_create(utilisateur=utilisateur, nature=nature, defaults={"rythme": rythme})
        if rythme == Rythme.AUCUN:
            Courriel.objects.filter(destinataire=utilisateur, nature=nature, sort=Sort.AU_RESUME).update(
                sort=Sort.ECARTE
            )


def token(utilisateur_id: int) -> str:
    """What the link of a digest carries. It never expires: an old e-mail must still stop the next ones."""
    return signing.dumps(utilisateur_id, salt=SEL)


def bearer(jeton: str) -> Utilisateur | None:
    """Whom a link was made for; None when it was not made here."""
    try:
        cle = signing.loads(jeton, salt=SEL)
    except signing.BadSignature:
        return None
    return Utilisateur.objects.filter(pk=cle).first()
