"""What must always hold, found again from the rows alone: no function of the engine judges itself here.

Each law reads one AAP and asserts. `tout_tient` runs them all.
"""

from collections import Counter, defaultdict
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import connection

from aap.models import Aap, Dossier, Mouvement
from comptes.models import Affectation, Delegation
from conventions.models import Convention, Reversement, Signataire, Versement
from moteur import horloge, journal
from moteur.models import Entree
from usages.models import Declaration, Vsr

ZERO = Decimal("0.00")
RESERVES = {"selectionne", "notifie"}
ENGAGES = {"conventionne", "en_deploiement", "en_verification", "cibles_atteintes", "solde", "clos", "en_reversement"}
PROUVES = {"cibles_atteintes", "solde"}
#: Targets of esms-2022, in percent: numerator, denominator.
CIBLES = {
    ("dossiers_actifs", "personnes"): 90,
    ("dossiers_avec_projet", "dossiers_actifs"): 90,
    ("dossiers_avec_evenement", "dossiers_actifs"): 90,
    ("messages_mss", "personnes"): 70,
    ("dmp_alimentes", "personnes"): 20,
}
#: States a convention may be in, by state of its dossier; None: there is none yet.
CONVENTIONS: dict[str, set[str | None]] = {
    "notifie": {"en_signature"},
    "conventionne": {"signee"},
    "en_deploiement": {"signee"},
    "en_verification": {"signee"},
    "cibles_atteintes": {"signee"},
    "solde": {"signee"},
    "en_reversement": {"resiliee"},
    "clos": {"echue", "resiliee"},
    "abandonne": {None, "resiliee"},
}


def tout_tient(aap: Aap) -> None:
    """Every law at once. Two of them look at the whole base, which the AAP should be alone to fill."""
    dossiers = list(Dossier.objects.filter(aap=aap))
    envelope_is_never_overspent(aap)
    totals_are_those_of_the_movements(aap)
    totals_are_those_of_the_states(aap, dossiers)
    halves_make_the_whole(aap)
    second_half_is_proven(aap, dossiers)
    conventions_follow_their_dossier(dossiers)
    signed_means_signed_by_all(aap)
    states_are_those_of_the_journal()
    chains_hold()
    nobody_acted_out_of_bounds(aap)


def envelope_is_never_overspent(aap: Aap) -> None:
    """At every moment of its history."""
    for m in Mouvement.objects.filter(enveloppe__aap=aap):
        assert m.dotation >= m.reserve + m.engage, f"dépassement au mouvement {m.rang}"
        assert ZERO <= m.verse <= m.engage, f"versé au-delà de l'engagé au mouvement {m.rang}"
        assert m.reserve >= ZERO


def totals_are_those_of_the_movements(aap: Aap) -> None:
    sommes: dict[str, Decimal] = defaultdict(Decimal)
    for nature, montant in Mouvement.objects.filter(enveloppe__aap=aap).values_list("nature", "montant"):
        sommes[nature] += montant
    position = aap.enveloppe.position()
    assert position.dotation == sommes["dotation"]
    assert position.verse == sommes["versement"] - sommes["reversement"]
    tenu = sommes["reservation"] - sommes["liberation"] - sommes["reversement"]
    assert position.reserve + position.engage == tenu
    assert position.disponible == sommes["dotation"] - tenu >= ZERO


def totals_are_those_of_the_states(aap: Aap, dossiers: list[Dossier]) -> None:
    executes: Counter[int] = Counter()
    for dossier, montant in _executed(aap).values_list("convention__dossier", "montant"):
        executes[dossier] += montant
    rendus = dict(Reversement.objects.filter(dossier__aap=aap, etat="recouvre").values_list("dossier", "montant"))
    demandes = set(Reversement.objects.filter(dossier__aap=aap).values_list("dossier", flat=True))
    reserve = sum((d.aide for d in dossiers if d.etat in RESERVES and d.aide), ZERO)
    verse = {d.pk: executes[d.pk] - rendus.get(d.pk, ZERO) for d in dossiers}
    engage = sum((verse[d.pk] if d.pk in demandes else d.aide or ZERO for d in dossiers if d.etat in ENGAGES), ZERO)
    position = aap.enveloppe.position()
    assert (position.reserve, position.engage, position.verse) == (reserve, engage, sum(verse.values(), ZERO))


def halves_make_the_whole(aap: Aap) -> None:
    """One payment per half, never two, and both halves make the aid to the cent."""
    executes = Counter(_executed(aap).values_list("convention", "rang"))
    assert set(executes.values()) <= {1}, f"payé deux fois : {executes}"
    paiements = Mouvement.objects.filter(enveloppe__aap=aap, nature="versement")
    assert set(executes.keys()) == set(paiements.values_list("dossier__convention", "versement_rang"))
    for convention in Convention.objects.filter(dossier__aap=aap).prefetch_related("versements"):
        moitie = (convention.montant / 2).quantize(Decimal("0.01"), ROUND_HALF_UP)
        dus = {1: moitie, 2: convention.montant - moitie}
        for versement in convention.versements.all():
            assert versement.montant == dus[versement.rang]
        vivants = [v for v in convention.versements.all() if v.etat not in ("rejete", "annule")]
        assert len({v.rang for v in vivants}) == len(vivants)


def second_half_is_proven(aap: Aap, dossiers: list[Dossier]) -> None:
    """Counted again on the raw figures: every funded ESSMS, every target, the VSR, the first half paid."""
    rangs = defaultdict(set)
    for dossier, rang in _executed(aap).values_list("convention__dossier", "rang"):
        rangs[dossier].add(rang)
    for dossier in dossiers:
        if 2 in rangs[dossier.pk]:
            assert 1 in rangs[dossier.pk]
        if 2 in rangs[dossier.pk] or dossier.etat in PROUVES:
            assert _is_proven(dossier), f"{dossier} : seconde moitié sans preuve"
        if dossier.etat == "solde":
            assert rangs[dossier.pk] == {1, 2}
    for declaration in Declaration.objects.filter(dossier__aap=aap, etat="validee").select_related("dossier"):
        assert _is_proven(declaration.dossier), f"{declaration} : validée sans preuve"


def conventions_follow_their_dossier(dossiers: list[Dossier]) -> None:
    etats = dict(Convention.objects.filter(dossier__in=dossiers).values_list("dossier", "etat"))
    for dossier in dossiers:
        trouve = etats.get(dossier.pk)
        assert trouve in CONVENTIONS.get(dossier.etat, {None}), f"{dossier} est {dossier.etat}, sa convention {trouve}"


def signed_means_signed_by_all(aap: Aap) -> None:
    manquantes = Signataire.objects.filter(convention__dossier__aap=aap, signature=None)
    assert not manquantes.filter(convention__etat__in=("signee", "echue")).exists()
    conventions = Convention.objects.filter(dossier__aap=aap).select_related("dossier")
    for convention in conventions.prefetch_related("signataires"):
        ogs = {essms["og"] for essms in (convention.dossier.instantane or {})["essms"]}
        assert len(convention.signataires.all()) == 2 + (len(ogs) if len(ogs) > 1 else 0)


def states_are_those_of_the_journal() -> None:
    """Each object's rows lead from its birth to its state, edge after edge, none missing and none twice."""
    pas: dict[str, list[tuple[str, str]]] = defaultdict(list)
    lignes = Entree.objects.exclude(vers=None).order_by("pk").values_list("objet", "de", "vers")
    for objet, de, vers in lignes:
        pas[objet].append((de or "", vers or ""))
    for modele in journal.machines():
        machine: Any = modele
        initial = machine._meta.get_field("etat").get_default()
        for pk, etat in machine._base_manager.values_list("pk", "etat"):
            la = str(initial)
            for de, vers in pas.pop(f"{modele._meta.model_name}:{pk}", []):
                assert de == la, f"{modele.__name__} {pk} : {la} puis {de} → {vers}"
                la = vers
            assert la == etat, f"{modele.__name__} {pk} : {etat}, le journal dit {la}"
    assert not pas, f"lignes sans objet : {pas}"


def chains_hold() -> None:
    assert list(journal.verify()) == []
    assert list(journal.verify_states()) == []


def nobody_acted_out_of_bounds(aap: Aap) -> None:
    """Whoever signs a row held that role, that day, there, or acted under a delegation of somebody who did; a porteur,
    on a dossier that is hers."""
    partages = _sharings()
    for entree in Entree.objects.exclude(chaine__startswith="delegation:"):
        titre = entree.donnees.get("@delegation")
        if titre is not None:
            _lent_that_day(entree, titre, aap)
            continue
        tenues = _held(entree.par_id, entree.role, horloge.jour(entree.le))
        assert tenues, f"{entree} : {entree.par} n'était pas {entree.role} ce jour-là"
        if entree.role == "porteur":
            dossier = entree.chaine if entree.chaine.startswith("dossier") else entree.donnees["dossier"]
            assert (entree.par_id, dossier) in partages, f"{entree} : dossier d'un autre porteur"
        else:
            assert aap.region_id in tenues, f"{entree} : {entree.par} agit hors de sa région"


def _held(qui: int | None, role: str, jour: date) -> set[str | None]:
    """Regions where that role was hers that day."""
    siennes = Affectation.objects.filter(utilisateur=qui, role=role).values_list("region", "du", "au")
    return {region for region, du, au in siennes if du <= jour and (au is None or jour <= au)}


def _lent_that_day(entree: Entree, titre: dict[str, Any], aap: Aap) -> None:
    """To her, for that role and region; not over, not revoked yet; by somebody whose own it was; never both roles that
    stay apart."""
    d, jour = Delegation.objects.get(pk=titre["delegation"]), horloge.jour(entree.le)
    assert (d.delegataire_id, d.role, d.region_id) == (entree.par_id, entree.role, aap.region_id), str(entree)
    assert (d.delegant_id, d.nature, d.acte) == (titre["delegant"], titre["nature"], titre["acte"]), str(entree)
    assert d.du <= jour <= d.au, f"{entree} : délégation du {d.du} au {d.au}"
    revoquee = d.revoquee_des is not None and d.revoquee_le is not None and d.revoquee_des <= jour
    assert not revoquee or entree.le <= d.revoquee_le, f"{entree} : délégation révoquée"  # type: ignore[operator]
    assert aap.region_id in _held(d.delegant_id, d.role, jour), f"{entree} : rôle que le délégant ne tenait pas"
    assert aap.region_id not in _held(entree.par_id, entree.role, jour), f"{entree} : rôle qui était le sien"
    oppose = {"responsable": "comptable", "comptable": "responsable"}.get(d.role, "")
    assert aap.region_id not in _held(entree.par_id, oppose, jour), f"{entree} : les deux rôles à la fois"


def _executed(aap: Aap) -> Any:
    return Versement.objects.filter(convention__dossier__aap=aap, etat="execute")


def _is_proven(dossier: Dossier) -> bool:
    declaration = dossier.declarations.filter(etat="validee").order_by("-mois").first()
    if declaration is None or not Vsr.objects.filter(dossier=dossier).exists():
        return False
    mesures = list(declaration.mesures.values())
    attendus = {essms["finess"] for essms in (dossier.instantane or {})["essms"]}
    if {mesure["finess"] for mesure in mesures} != attendus:
        return False
    totaux = {nom: sum(mesure[nom] for mesure in mesures) for paire in CIBLES for nom in paire}
    return all(totaux[bas] > 0 and 100 * totaux[haut] >= cible * totaux[bas] for (haut, bas), cible in CIBLES.items())


def _sharings() -> set[tuple[int, str]]:
    with connection.cursor() as curseur:
        curseur.execute(
            """SELECT p.user_id, 'dossier:' || p.content_object_id FROM aap_dossieruserobjectpermission p
               JOIN auth_permission a ON a.id = p.permission_id WHERE a.codename = 'porter'"""
        )
        return set(curseur.fetchall())
