"""Opening a draft: a person, an OG she acts for, a call, and an empty grappe."""

from django.db import transaction

from aap.models import Aap, Dossier, Saisie, Section
from aap.services import create_draft, share
from comptes.models import Utilisateur
from comptes.roles import Role
from grappes.models import OrganismeGestionnaire
from grappes.projets import Projet
from moteur import horloge, journal, suites
from moteur.erreurs import Code, Refus
from moteur.machine import Passage

#: The journal row by which a dossier is known to have been opened here.
OUVERTURE = "ouvrir"


@transaction.atomic
def open_draft(aap: Aap, *, par: Utilisateur, og: OrganismeGestionnaire, nom: str, projet: Projet) -> Dossier:
    """A draft of `og` in answer to `aap`, carried by `par`, with its reference ("OCC-2022-0042").

    Locks: the call's row, so that two drafts never take one reference. Raises: Refus ROLE_INTERDIT, HORS_PERIMETRE.
    """
    if Role.PORTEUR not in par.roles_au(horloge.aujourdhui()):
        raise Refus(Code.ROLE_INTERDIT, "Seul un porteur ouvre un dossier : demandez ce rôle à votre ARS.")
    if not og.rattachements.current().filter(utilisateur=par).exists():
        raise Refus(
            Code.HORS_PERIMETRE,
            f"Vous n'agissez pas pour {og} : demandez d'abord à rejoindre cet organisme.",
            og=og.finess,
        )
    Aap.objects.select_for_update(no_key=True).get(pk=aap.pk)
    dossier = create_draft(
        aap, og=og, nom=nom, reference=_next_reference(aap), referent=par, projet=projet, segur=False
    )
    share(dossier, par)
    le = horloge.maintenant()
    Saisie.objects.create(
        dossier=dossier, section=Section.PROJET, par=par, le=le,
        champs={"projet": {"valeur": projet.value, "par": str(par), "le": le.isoformat()}},
    )  # fmt: skip
    passage = Passage(par=par, role=Role.PORTEUR, le=le, donnees={"og": og.finess, "projet": projet.value})
    journal.append(dossier, OUVERTURE, passage)
    suites.tell(suites.Mouvement(Dossier, dossier.pk, actions=[OUVERTURE]))
    return dossier


def _next_reference(aap: Aap) -> str:
    """The next free one; dossiers are never deleted, but a file may have brought any reference."""
    rang = aap.dossiers.count() + 1
    while aap.dossiers.filter(reference=f"{aap.code}-{rang:04d}").exists():
        rang += 1
    return f"{aap.code}-{rang:04d}"
