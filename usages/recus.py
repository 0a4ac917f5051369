"""A month declared for good, and the receipt that proves it."""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from hashlib import sha256
from typing import Any

from django.db import transaction

from aap.models import Dossier
from comptes.models import Utilisateur
from moteur import horloge
from moteur.erreurs import Code, Refus
from moteur.models import Entree
from moteur.porte import lock
from moteur.tableaux import csv_of
from usages import calcul
from usages.calcul import COMPTES
from usages.chiffres import LIBELLES
from usages.models import Declaration, EtatDeclaration, RecuUsages
from usages.mois import period
from usages.saisie import CONTACT, CORRECTION, EXPLICATION, MOIS, Etude, study
from usages.services import declarer_usages
from usages.verification import measures


@transaction.atomic
def declare(dossier: Dossier, par: Utilisateur, *, mois: date, vue: str) -> RecuUsages:
    """Declare what was typed, through the door, and deliver the receipt. A second click finds the first one.

    `vue`: `Etude.empreinte` of what the declarant read. Locks: the dossier's row. Raises: Refus USAGES_INCOMPLETS,
    DONNEES_INVALIDES (a flag without explanation, figures changed since), and what `declarer_usages` raises.
    """
    frais = lock(dossier)
    etude = study(frais, mois)
    if (deja := _delivered(frais, mois, etude.empreinte)) is not None:
        return deja
    _check(etude, vue)
    declaration: Declaration = declarer_usages(frais, par, mois=f"{mois:%Y-%m}", mesures=dict(etude.chiffres))
    entree = Entree.objects.filter(objet=dossier.cle, action="declarer_usages").latest("pk")
    contenu = content(etude, declaration, entree, par)
    return RecuUsages.objects.create(
        declaration=declaration, entree=entree, contenu=contenu, empreinte=fingerprint(contenu),
        delivre_le=horloge.maintenant(),
    )  # fmt: skip


def content(etude: Etude, declaration: Declaration, entree: Entree, par: Utilisateur) -> dict[str, Any]:
    """All that the declarant stated, JSON-ready: instants in ISO 8601, percentages as "0.00"."""
    dossier, mesure_sur = etude.dossier, period(etude.dossier, etude.mois)
    cibles = calcul.evaluer(dossier.aap.regles, measures(dossier, declaration))
    return {
        "dossier": dossier.reference,
        "appel": dossier.aap.code,
        "mois": f"{etude.mois:%Y-%m}",
        "periode": {"du": mesure_sur.du.isoformat(), "au": mesure_sur.au.isoformat(), "mois": mesure_sur.duree},
        "declare_par": str(par),
        "declare_le": entree.le.isoformat(),
        "contact": {champ.nom.partition(".")[2]: etude.value(champ.nom).strip() for champ in CONTACT},
        "essms": [
            {"finess": un.finess, "nom": un.nom, "departement": un.departement, **etude.chiffres[un.finess]}
            | {nom: etude.value(f"{un.finess}.{nom}").strip() for nom in (CORRECTION, EXPLICATION)}
            for un in etude.essms
        ],
        "indicateurs": [
            cible.as_dict() | {"numerateur": cible.numerateur, "denominateur": cible.denominateur} for cible in cibles
        ],
        "signalements": [
            {"motif": un.motif.value, "finess": un.finess, "compte": un.compte, "phrase": un.phrase}
            for un in etude.signalements
        ],
        "explication": etude.value(f"{MOIS}.{EXPLICATION}").strip(),
        "saisie": etude.empreinte,
        "journal": {"rang": entree.rang, "empreinte": entree.empreinte},
    }


def fingerprint(contenu: Mapping[str, Any]) -> str:
    """SHA-256 of the content, in one canonical form."""
    return sha256(canonical(contenu)).hexdigest()


def canonical(contenu: Mapping[str, Any]) -> bytes:
    """The bytes that are hashed, and downloaded: whoever holds them can compute the SHA-256 again."""
    return json.dumps(contenu, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def as_csv(recu: RecuUsages) -> str:
    """One row per ESSMS, for a spreadsheet; the receipt's own facts repeated on each."""
    entetes = ["mois", "finess", "etablissement", *LIBELLES, CORRECTION, EXPLICATION, "declare_le", "sha256"]
    contenu = recu.contenu
    return table(
        [
            entetes,
            *(
                [contenu["mois"], un["finess"], un["nom"], *(un[compte] for compte in COMPTES)]
                + [un[CORRECTION], un[EXPLICATION], contenu["declare_le"], recu.empreinte]
                for un in contenu["essms"]
            ),
        ]
    )


def table(lignes: Iterable[Iterable[object]]) -> str:
    """CSV as spreadsheets open it best."""
    return "".join(csv_of(lignes))


def _delivered(dossier: Dossier, mois: date, empreinte: str) -> RecuUsages | None:
    """The receipt of that very typing, when its declaration still stands."""
    recus = RecuUsages.objects.filter(declaration__dossier=dossier, declaration__mois=mois)
    dernier = recus.exclude(declaration__etat=EtatDeclaration.REFUSEE).last()
    return dernier if dernier is not None and dernier.contenu["saisie"] == empreinte else None


def _check(etude: Etude, vue: str) -> None:
    if etude.empreinte != vue:
        raise Refus(
            Code.DONNEES_INVALIDES,
            "Ces chiffres ont changé depuis que vous avez lu le récapitulatif : relisez-le, puis validez de nouveau.",
        )
    if etude.fautes or etude.manques:
        reste = len(etude.fautes) + len(etude.manques)
        raise Refus(
            Code.USAGES_INCOMPLETS,
            f"Il reste {reste} réponse{'s' if reste > 1 else ''} à donner ou à corriger : suivez les liens du "
            "récapitulatif.",
            champs=[*etude.fautes, *etude.manques][:100],
        )
    if etude.a_expliquer:
        raise Refus(
            Code.DONNEES_INVALIDES,
            "Des chiffres étonnent : expliquez chacun d'eux dans le récapitulatif, ou corrigez-le.",
            champs=etude.a_expliquer[:100],
        )
