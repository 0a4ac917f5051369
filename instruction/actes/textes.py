"""What an act will do, in sentences: to whom, for how much. Said before it is done, asked once."""

from collections.abc import Callable, Mapping

from aap.models import Dossier, Etat
from conventions.models import Reversement, Versement
from instruction.actes.enveloppe import reserve
from moteur.argent import ZERO
from moteur.erreurs import Refus
from moteur.machine import Machine, field_of
from moteur.porte import aretes_par_nom
from moteur.texte import INSECABLE, cite, en_euros, en_toutes_lettres

#: Acts of which everyone who carries the dossier is told by e-mail. A test holds it to the table of the e-mails.
AVERTISSENT = frozenset({
    "prendre_en_charge", "demander_complements", "declarer_recevable", "declarer_irrecevable", "reorienter",
    "inscrire_au_comite", "ajourner", "mettre_en_attente", "ecarter", "notifier", "signer", "signer_convention",
    "executer", "rejeter", "verser_premiere_moitie", "refuser_usages", "constater_cibles", "constater_echec",
    "proroger", "verser_seconde_moitie", "recouvrer", "remettre", "cloturer", "abandonner", "soumettre_usages",
})  # fmt: skip


def consequences(nom: str, dossier: Dossier, objet: Machine, *, porteur: bool) -> list[str]:
    """What will happen, as sentences. `porteur`: said to the porteur herself."""
    phrases = [phrase for phrase in (_moves(nom, dossier, objet),) if phrase]
    if nom in SUITES:
        phrases += SUITES[nom](dossier, objet)
    if nom in AVERTISSENT:
        phrases.append(
            "Les personnes qui agissent sur le dossier en sont averties par courriel."
            if porteur
            else f"{porteur_of(dossier)} en est averti par courriel."
        )
    return phrases


def porteur_of(dossier: Dossier) -> str:
    return f"Le porteur, {dossier.grappe.og_porteur.nom},"


def _moves(nom: str, dossier: Dossier, objet: Machine) -> str:
    """From which state to which, when the dossier itself moves."""
    if not isinstance(objet, Dossier):
        return ""
    champ = field_of(Dossier)
    vers = next((t.target for t in champ.get_all_transitions(Dossier) if (t.name, t.source) == (nom, objet.etat)), None)
    if nom not in aretes_par_nom(Dossier) or vers is None:
        return ""
    return f"Le dossier passe de {cite(objet.libelle_etat)} à {cite(Etat(vers).label)}."


def _frees(dossier: Dossier, objet: Machine) -> list[str]:
    if dossier.aide is None:
        return ["Aucune aide n'était réservée : l'enveloppe ne change pas."]
    return [f"Les {en_euros(dossier.aide)} réservés pour ce dossier reviennent à l'enveloppe.", DEFINITIF]


def _select(dossier: Dossier, objet: Machine) -> list[str]:
    try:
        ce = reserve(dossier)
    except Refus:
        return []
    return [
        f"Une aide de {en_euros(ce.aide)} à {dossier.grappe.og_porteur.nom} est fixée et réservée sur l'enveloppe.",
        "Le porteur n'en est averti qu'à la notification.",
    ]


def _notify(dossier: Dossier, objet: Machine) -> list[str]:
    limite = dossier.aap.limite_engagement
    phrases = [
        f"La décision, {en_euros(dossier.aide or ZERO)} d'aide, part au porteur, {dossier.grappe.og_porteur.nom}.",
        "La convention est ouverte à la signature de l'ARS, du porteur et, s'ils sont plusieurs, de chaque organisme.",
    ]
    if limite:
        phrases.append(f"Elle devra être signée au plus tard le {en_toutes_lettres(limite)}.")
    return phrases


def _conclude(dossier: Dossier, objet: Machine) -> list[str]:
    return [
        f"Les crédits, {en_euros(dossier.convention.montant)}, sont engagés sur l'enveloppe.",
        "Les deux versements sont proposés ; le premier est dû. Le délai pour atteindre les cibles est fixé.",
    ]


def _certify(dossier: Dossier, objet: Machine) -> list[str]:
    return [f"Vous attestez que {_half(objet)} est dû.", "Un responsable pourra ensuite l'ordonnancer."]


def _order(dossier: Dossier, objet: Machine) -> list[str]:
    return [
        f"Vous ordonnez le paiement : {_half(objet)}.",
        "Vous ne pourrez pas l'exécuter : une autre personne, comptable, le fera.",
    ]


def _execute(dossier: Dossier, objet: Machine) -> list[str]:
    return [
        f"Vous payez {_half(objet)} à {dossier.grappe.og_porteur.nom}.",
        "Le versement est écrit au grand livre de l'enveloppe. Il ne pourra pas être fait une seconde fois.",
    ]


def _reject(dossier: Dossier, objet: Machine) -> list[str]:
    return [f"{_half(objet).capitalize()}, revient à l'ordonnateur avec votre motif, et est proposé à nouveau."]


def _half(objet: Machine) -> str:
    assert isinstance(objet, Versement)
    rang = "premier" if objet.rang == 1 else "second"
    return f"le {rang} versement, {en_euros(objet.montant)}"


def _met(dossier: Dossier, objet: Machine) -> list[str]:
    return ["Le second versement devient dû : il reste à le certifier, l'ordonnancer et l'exécuter."]


def _failure(dossier: Dossier, objet: Machine) -> list[str]:
    verses = [un.montant for un in dossier.convention.versements.all() if un.execute_le]
    return [
        f"La convention est résiliée, et {en_euros(sum(verses, ZERO))} sont demandés en reversement.",
        "Le second versement est annulé. Ce qui n'a pas été payé revient à l'enveloppe.",
        DEFINITIF,
    ]


def _take_back(dossier: Dossier, objet: Machine) -> list[str]:
    assert isinstance(objet, Reversement)
    return [f"Vous attestez que {en_euros(objet.montant)} sont revenus : ils retournent à l'enveloppe."]


def _waive(dossier: Dossier, objet: Machine) -> list[str]:
    assert isinstance(objet, Reversement)
    return [f"La dette de {en_euros(objet.montant)} est remise : elle ne sera plus demandée.", DEFINITIF]


def _close(dossier: Dossier, objet: Machine) -> list[str]:
    if dossier.etat == Etat.EN_REVERSEMENT:
        return ["Clore atteste que la somme demandée est revenue, si elle n'a pas été remise.", DEFINITIF]
    return ["La convention arrive à son terme : plus rien n'est attendu de personne.", DEFINITIF]


def _usages_back(dossier: Dossier, objet: Machine) -> list[str]:
    return ["La déclaration soumise est refusée. Le porteur déclarera un autre mois, et soumettra de nouveau."]


def _complements(dossier: Dossier, objet: Machine) -> list[str]:
    return [
        "Le porteur ne peut changer que ce que vous rouvrez ; sa réponse vous sera montrée champ par champ.",
        "L'horloge de l'ARS s'arrête jusqu'à sa réponse, ou l'échéance.",
    ]


def _says(*phrases: str) -> Callable[[Dossier, Machine], list[str]]:
    return lambda dossier, objet: list(phrases)


DEFINITIF = f"C'est définitif{INSECABLE}: aucun acte ne revient en arrière."
SUITES: Mapping[str, Callable[[Dossier, Machine], list[str]]] = {
    "prendre_en_charge": _says("L'examen de la recevabilité commence."),
    "declarer_recevable": _says("L'instruction commence : évaluations et avis du GRADeS sont attendus."),
    "deroger": _says("La règle est levée pour ce seul dossier, sous votre nom et avec votre motif."),
    "demander_complements": _complements,
    "declarer_irrecevable": _says("Les ESSMS de la grappe redeviennent libres pour un autre dossier.", DEFINITIF),
    "reorienter": _says("Le dossier est clos ici ; le porteur dépose dans l'autre appel à projets.", DEFINITIF),
    "evaluer": _says("Vos notes sont rendues sous votre nom. Vous pouvez les corriger jusqu'à la clôture."),
    "donner_avis_grades": _says("L'avis et les risques sont rendus sous votre nom. Un nouvel avis s'y ajoute."),
    "cloturer_instruction": _says("Les évaluations ne changent plus. Le dossier peut être inscrit à un comité."),
    "inscrire_au_comite": _says("Le dossier est à l'ordre du jour de la séance que vous donnez."),
    "viser": _says("Votre visa couvre le dossier et son aide tels qu'ils sont. Il tombe si l'un ou l'autre change."),
    "refuser_visa": _says(
        "La décision ne peut être prise tant que vous, ou une autre personne de ce rôle, ne visez pas."
    ),
    "selectionner": _select,
    "mettre_en_attente": _says("Le dossier garde son rang : il sera retenu si des crédits se libèrent."),
    "ajourner": _says("Le dossier quitte l'ordre du jour : il pourra être inscrit à une autre séance."),
    "ecarter": _says("Aucune aide n'est accordée. Les voies de recours sont données au porteur.", DEFINITIF),
    "notifier": _notify,
    "signer": _says("La signature est enregistrée sous votre nom, à cet instant. Elle ne s'efface pas."),
    "signer_convention": _conclude,
    "certifier": _certify,
    "ordonnancer": _order,
    "executer": _execute,
    "rejeter": _reject,
    "verser_premiere_moitie": _says("Le déploiement commence : le porteur déclarera les usages de ses ESSMS."),
    "prononcer_vsr": _says("La date est enregistrée sous votre nom. Elle ne se modifie pas ensuite."),
    "soumettre_usages": _says("Les chiffres soumis ne changent plus : l'ARS les vérifie, puis constate les cibles."),
    "constater_cibles": _met,
    "refuser_usages": _usages_back,
    "proroger": _says("La nouvelle échéance s'ajoute à celle de la convention, qui reste lisible."),
    "constater_echec": _failure,
    "verser_seconde_moitie": _says("L'aide est entièrement versée."),
    "recouvrer": _take_back,
    "remettre": _waive,
    "cloturer": _close,
    "abandonner": _frees,
}
