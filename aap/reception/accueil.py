"""One record judged, and let in: its draft made, or brought up to date.

A source and an identifier name one dossier for ever. The same record again changes nothing; another one updates the
draft as long as nobody touched it here, else it is refused: what people did is never overwritten by a file.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import Q
from pydantic.main import IncEx

from aap.models import Aap, Dossier, Etat, Reception
from aap.reception.contexte import Contexte, columns, load
from aap.reception.controle import check
from aap.reception.lecture import read_record
from aap.reception.schema import DossierRecu
from aap.reception.trouvailles import fault
from aap.reception.version import AGENTS, grappe_name, recevoir
from aap.services import create_draft, share
from comptes.models import Utilisateur
from comptes.roles import Role
from grappes.models import OrganismeGestionnaire
from moteur import horloge
from moteur.erreurs import Code, Refus
from moteur.lots import Accueil, Faute, Issue, Rejet
from moteur.texte import soigner

VERROU_SOURCE = 0x0D055
SANS_MD5: IncEx = {"pieces": {"__all__": {"md5"}}}
SANS_REFERENT = "porteur.courriel : personne de cette adresse n'agit pour l'organisme, le dossier est sans référent."


def receive(brut: object, *, source: str, par: Utilisateur, non_repris: Sequence[Mapping[str, Any]] = ()) -> Accueil:
    """Judge one record, and let it in. For `moteur.lots.treat`, which gives it a transaction of its own.

    `non_repris`: what the source said and this format has no field for, kept beside the record.
    Locks: the source, until the end of the transaction, then the dossier. Raises: Rejet, Refus.
    """
    recu = read_record(brut)
    _lock(source)
    derniere = _last_version(source, recu.identifiant)
    if derniere is not None:
        _check_hers(derniere.dossier, par)
        if _says_the_same(derniere, recu):
            return Accueil(issue=Issue.INCHANGE, resultat=derniere.dossier.reference)
    contexte = load(recu)
    role = _check_right(par, contexte)
    if derniere is not None:
        _check_open(derniere.dossier, recu)
    constat = check(recu, contexte)
    if constat.fautes or contexte.aap is None or contexte.og is None:
        raise Rejet(constat.fautes)
    dossier = derniere.dossier if derniere else _draft(recu, contexte.aap, contexte.og)
    if derniere is None and role == Role.PORTEUR:
        share(dossier, par)
    rang = derniere.rang + 1 if derniere else 1
    _keep(dossier, recu, source=source, rang=rang, par=par, non_repris=non_repris)
    referent = recevoir(dossier, par, source=source, identifiant=recu.identifiant, rang=rang)
    return Accueil(
        issue=Issue.MODIFIE if derniere else Issue.IMPORTE,
        resultat=dossier.reference,
        avertissements=constat.avertissements if referent else (*constat.avertissements, SANS_REFERENT),
    )


def may_import(personne: Utilisateur) -> bool:
    """Whether there may be records she lets in: the rest is judged record by record."""
    return not personne.roles_au(horloge.aujourdhui()).keys().isdisjoint({Role.PORTEUR, *AGENTS})


def fingerprint(recu: DossierRecu, sans: IncEx | None = None) -> str:
    """SHA-256 of what a record says, whatever the order of its keys and the defaults it leaves out."""
    texte = json.dumps(recu.model_dump(mode="json", exclude=sans), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(texte.encode()).hexdigest()


def _says_the_same(version: Reception, recu: DossierRecu) -> bool:
    """Whether a record is the version already kept; one kept before documents had an MD5 is compared without."""
    ancienne = any("md5" not in piece for piece in version.contenu.get("pieces", ()))
    return version.empreinte == fingerprint(recu, SANS_MD5 if ancienne else None)


def _lock(source: str) -> None:
    """One import of a source at a time, until the end of the transaction: the second sees what the first did."""
    with connection.cursor() as curseur:
        curseur.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [VERROU_SOURCE, source])


def _last_version(source: str, identifiant: str) -> Reception | None:
    versions = Reception.objects.filter(source=source, identifiant=identifiant)
    return versions.select_related("dossier__aap").order_by("rang").last()


def _check_right(par: Utilisateur, contexte: Contexte) -> Role | None:
    """An officer of the call's region, or a porteur of the OG. Raises: Rejet saying which is missing.

    The door checks again; here it is said in the words of a file, and before anything is told of a dossier.
    """
    aap, og = contexte.aap, contexte.og
    if aap is None or og is None:
        return None
    if (role := _officer_role(par, aap)) is not None:
        return role
    if Role.PORTEUR not in par.roles_au(horloge.aujourdhui()):
        raise _out_of_bounds("aap", f"{aap} n'est pas un appel de votre région : transmettez ce dossier à son ARS")
    if not par.rattachements.current().filter(og=og).exists():
        conseil = "faites-vous y rattacher, ou laissez-le envoyer ce dossier"
        raise _out_of_bounds("porteur.finess_ej", f"vous n'agissez pas pour {og} : {conseil}")
    return Role.PORTEUR


def _officer_role(par: Utilisateur, aap: Aap) -> Role | None:
    roles = par.roles_au(horloge.aujourdhui())
    return next((role for role in AGENTS if aap.region_id in roles.get(role, ())), None)


def _out_of_bounds(chemin: str, message: str) -> Rejet:
    return Rejet([Faute(chemin=chemin, message=soigner(message), code=Code.HORS_PERIMETRE.value)])


def _check_hers(dossier: Dossier, par: Utilisateur) -> None:
    """Of a dossier she may not act on, she learns nothing but that the identifier is taken."""
    if _officer_role(par, dossier.aap) is None and not dossier.est_partage_avec(par, Role.PORTEUR):
        message = "cet identifiant désigne déjà un dossier qui ne vous est pas partagé : demandez-en le partage"
        raise _out_of_bounds("identifiant", message)


def _check_open(dossier: Dossier, recu: DossierRecu) -> None:
    """A file changes a draft only, and never the call it answers."""
    if dossier.etat != Etat.BROUILLON:
        raise Refus(
            Code.TRANSITION_INTERDITE,
            f"Le dossier {dossier.reference} n'est plus un brouillon, il est « {dossier.libelle_etat} » : un fichier "
            "ne le change plus. Corrigez-le depuis sa page.",
            chemin="identifiant",
        )
    if dossier.aap.code != recu.aap:
        message = f"ce dossier répond déjà à {dossier.aap.code} : pour un autre appel, donnez un autre identifiant"
        raise Rejet([fault("aap", message)])


def _draft(recu: DossierRecu, aap: Aap, og: OrganismeGestionnaire) -> Dossier:
    reference = _free_reference(aap, recu.identifiant)
    return create_draft(aap, og=og, nom=grappe_name(recu, og), reference=reference, **columns(recu))


def _keep(
    dossier: Dossier,
    recu: DossierRecu,
    *,
    source: str,
    rang: int,
    par: Utilisateur,
    non_repris: Sequence[Mapping[str, Any]],
) -> None:
    Reception.objects.create(
        source=source, identifiant=recu.identifiant, rang=rang, dossier=dossier, empreinte=fingerprint(recu),
        contenu=recu.model_dump(mode="json"), non_repris=[dict(un) for un in non_repris],
        par=par, le=horloge.maintenant(),
    )  # fmt: skip


def _free_reference(aap: Aap, identifiant: str) -> str:
    """The identifier of the source, with a number behind when another dossier of the call already bears it."""
    debut = identifiant[:54]
    voisines = Q(reference=identifiant) | Q(reference__startswith=f"{debut}-")
    prises = set(Dossier.objects.filter(voisines, aap=aap).values_list("reference", flat=True))
    candidates = (identifiant, *(f"{debut}-{rang}" for rang in range(2, len(prises) + 3)))
    return next(une for une in candidates if une not in prises)
