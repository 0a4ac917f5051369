"""What the register says of the numbers of a record: the OG that carries, the ESSMS of the grappe."""

from collections.abc import Iterator

from aap.reception.contexte import Contexte
from aap.reception.noms import agree
from aap.reception.schema import DossierRecu, EssmsRecu
from aap.reception.trouvailles import Trouvaille, fault
from grappes.finess import has_valid_key
from grappes.models import Essms
from moteur.texte import cite


def check_porteur(recu: DossierRecu, contexte: Contexte) -> Iterator[Trouvaille]:
    """The OG is known, by the right number and name. It may carry without bringing an ESSMS (regles.md E22)."""
    numero, og = recu.porteur.finess_ej, contexte.og
    if og is None:
        yield fault("porteur.finess_ej", _not_an_og(numero, contexte.confondu))
        return
    if not agree(recu.porteur.nom, og.nom):
        yield fault("porteur.nom", _other_name(numero, og.nom, recu.porteur.nom))
    if not any(essms.og_id == og.pk for essms in contexte.essms.values()):
        yield f"porteur.finess_ej : {og} porte la grappe sans y apporter d'ESSMS ; c'est permis, vérifiez le numéro."


def check_grappe(recu: DossierRecu, contexte: Contexte) -> Iterator[Trouvaille]:
    """Each ESSMS is known, open, named once, by its own number and name."""
    for rang, (un, lecture) in enumerate(zip(recu.grappe.essms, contexte.lectures, strict=True)):
        chemin = f"grappe.essms[{rang}]"
        if lecture.motif:
            yield fault(f"{chemin}.finess_et", lecture.motif)
        if (essms := lecture.essms) is not None and not agree(un.nom, essms.nom, essms.nom_long):
            yield fault(f"{chemin}.nom", _other_name(un.finess_et, essms.nom, un.nom))
        yield from _check_hours(chemin, un)


def _check_hours(chemin: str, un: EssmsRecu) -> Iterator[Trouvaille]:
    eligibles, totales = un.heures_eligibles, un.heures_totales
    if eligibles is None and totales is None:
        return
    if eligibles is None or totales is None:
        absent = "heures_eligibles" if eligibles is None else "heures_totales"
        yield fault(f"{chemin}.{absent}", "heures éligibles et totales vont ensemble : donnez les deux, ou aucune")
    elif totales == 0:
        yield fault(f"{chemin}.heures_totales", "zéro heure en tout : donnez les heures du service, ou aucune des deux")
    elif eligibles > totales:
        yield fault(
            f"{chemin}.heures_eligibles",
            f"{eligibles} heures éligibles sur {totales} en tout : l'un des nombres est faux",
        )


def _not_an_og(numero: str, essms: Essms | None) -> str:
    if essms is None:
        cle = "" if has_valid_key(numero) else ", et sa clé est fausse : un chiffre est sans doute erroné"
        return f"aucun organisme du registre FINESS ne porte le numéro juridique {numero}{cle}"
    return (
        f"{numero} est le numéro géographique de {cite(essms.nom)} : donnez le numéro juridique de son organisme, "
        f"{essms.og.finess} {essms.og.nom}"
    )


def _other_name(numero: str, officiel: str, dit: str) -> str:
    return f"le registre nomme {numero} {cite(officiel)}, le fichier dit {cite(dit)} : corrigez le numéro, ou le nom"
