"""Every named constraint of the database is broken once on purpose, by its name. The list comes from the models."""

from collections.abc import Sequence
from typing import Any

import pytest
from django.db import DatabaseError, models, transaction

from aap.models import Dossier
from conventions.models import Versement
from moteur.contraintes import traduire
from moteur.erreurs import Code, Refus
from tests.instruction.test_refus import assert_teaches
from tests.moteur.sql import append_only, guarded, our_models, refusal, settle, sql, tampering, triggers, who

MOUVEMENT = (
    "INSERT INTO aap_mouvement (enveloppe_id, dossier_id, nature, montant, le, versement_rang)"
    " SELECT e.id, d.id, {}, now(), {} FROM aap_enveloppe e, aap_dossier d WHERE d.reference = 'D1'"
)
COPIE = "INSERT INTO {0} ({1}) SELECT {2} FROM {0} LIMIT 1"
ESSMS = (
    "finess, nom, nom_long, categorie, agregat, departement_id, og_id, adresse, code_postal, commune, siret,"
    " coord_systeme"
)
MEMBRE = "grappe_id, essms_id, sons_logiciel, arrive_le, motif_depart"
RATTACHEMENT = "utilisateur_id, og_id, fonction, du"
DEMANDE = (
    "og_id, departement_id, secteur, projet, nombre, contact_accepte, contact, precisions, etat, issue, par_id,"
    " declaree_le, version"
)
COMMANDE = "reference, og_id, essms_id, vague, logiciel, editeur, commandee_le"
NOTE = "dossier_id, rang, auteur_id, texte, partagee, ecrite_le"
MESSAGE = "dossier_id, rang, auteur_id, role, texte, ecrit_le"
JOINTE = "message_id, nom, taille, empreinte, format"
AIDE = "departement_id, auteur_id, sujet, texte, deposee_le, etat, reponse, version"
AIDE_OUVERTE = AIDE.replace("etat", "'ouverte'")
RISQUE = "axe, libelle, region_id, par_id, le"
LIEN = "risque_id, dossier_id, par_id, le"
#: A second annotation like one of the world: axis, level, who masters it, its comment, what is to be done by whom.
ANNOTATION = (
    "INSERT INTO accompagnement_annotation (dossier_id, axe, niveau, maitrise, commentaire, a_faire, a_faire_par,"
    " partagee, par_id, organisation, le) SELECT dossier_id, {}, {}, {}, {}, {}, '', false, par_id, organisation, le"
    " FROM accompagnement_annotation LIMIT 1"
)
ACTION = "dossier_id, rang, phase, intitule, intervenant, precision"
SUIVI = "action_id, statut, pour_le, note, par_id, organisation, le"
PRESENCE = (
    "INSERT INTO aap_presence (objet, lieu, personne_id, vue_le) SELECT 'dossier:1', '', id, now()"
    " FROM comptes_utilisateur ORDER BY id LIMIT 1"
)
LOT = (
    "INSERT INTO instruction_lot (par_id, acte, donnees, requete, cree_le) SELECT id, 'attribuer', '{}', '', now()"
    " FROM comptes_utilisateur ORDER BY id LIMIT 1"
)
LIGNE = (
    "INSERT INTO instruction_lignelot (lot_id, dossier_id, rang, motif, sort, code, message, vue)"
    " SELECT l.id, d.id, 1, '', 'a_essayer', '', '', 0 FROM instruction_lot l, aap_dossier d WHERE d.reference = 'D3'"
)
VUE = (
    "INSERT INTO instruction_vueenregistree (utilisateur_id, nom, requete) SELECT id, 'Retards', ''"
    " FROM comptes_utilisateur ORDER BY id LIMIT 1"
)
TACHE = "flow_task, flow_task_type, status, created, token, process_id, role, region_id, tour"
RECEPTION = "source, identifiant, rang, dossier_id, empreinte, contenu, non_repris, par_id, le"
EVENEMENT = (
    "INSERT INTO grappes_evenementregistre (importation_id, essms_id, nature, le, champ, avant, apres)"
    " SELECT importation_id, {}, {}, le, {}, '', '' FROM grappes_evenementregistre WHERE essms_id IS NOT NULL LIMIT 1"
)
SUPPLEMENT = (
    "INSERT INTO usages_mesure (declaration_id, finess, personnes, dossiers_actifs, dossiers_avec_projet,"
    " dossiers_avec_evenement, messages_mss, dmp_alimentes) SELECT id, '310000028', 20, {}, 1, 1"
    " FROM usages_declaration WHERE etat = 'brouillon'"
)
DECLARATION = (
    "INSERT INTO usages_declaration (dossier_id, mois, etat, version) SELECT id, date '{}', 'brouillon', 0"
    " FROM aap_dossier WHERE reference = 'D3'"
)
VERSEMENT = (
    "INSERT INTO conventions_versement (convention_id, rang, montant, etat, motif, version)"
    " SELECT id, {}, 'propose', '', 0 FROM conventions_convention WHERE etat = 'resiliee'"
)

COURRIEL = (
    "INSERT INTO courriels_courriel (evenement, destinataire_id, nature, sort, sujet, texte, html, fait_le, cree_le,"
    " envoye_le, erreur, resume_id) SELECT 'envoi:0', id, 'action', {}, '', '', '', now(), now(), {}, '', NULL"
    " FROM comptes_utilisateur LIMIT 1"
)
SAISIE = (
    "INSERT INTO aap_saisie (dossier_id, section, version, champs, par_id, le)"
    " SELECT d.id, '{}', 0, '{{}}', u.id, now() FROM aap_dossier d, comptes_utilisateur u LIMIT 1"
)
#: A second delegation like the one of the world, after its days: delegate, kind, role, first day, act, its day.
DELEGATION = (
    "INSERT INTO comptes_delegation (delegant_id, delegataire_id, nature, role, region_id, du, au, acte, acte_le,"
    " donnee_le, motif_revocation) SELECT delegant_id, {}, {}, {}, region_id, {}, date '2090-02-01', {}, {}, now(), ''"
    " FROM comptes_delegation"
)
APRES = "date '2090-01-01'"
INTERET = (
    "INSERT INTO grappes_interet (personne_id, og_id, nature, commentaire, du, au, declare_par_id, declare_le,"
    " clos_par_id, clos_le) SELECT personne_id, og_id, {}, '', {}, {}, declare_par_id, now(), {}, {}"
    " FROM grappes_interet"
)
VISA = (
    "INSERT INTO aap_visa (dossier_id, transition, sens, motif, role, faits, derogations, aide, empreinte, par_id, le)"
    " SELECT dossier_id, transition, {}, {}, {}, faits, derogations, aide, {}, par_id, le FROM aap_visa LIMIT 1"
)
PREFERENCE = (
    "INSERT INTO courriels_preference (utilisateur_id, nature, rythme)"
    " SELECT id, 'action', '{}' FROM comptes_utilisateur LIMIT 1"
)

#: Constraint → statements; only the last one breaks it.
BRISER: dict[str, Sequence[str]] = {
    "affectation_dates_ordonnees": ["UPDATE comptes_affectation SET au = du - 1"],
    "affectation_porteur_sans_region": ["UPDATE comptes_affectation SET region_id = '76' WHERE role = 'porteur'"],
    "affectation_role_connu": ["UPDATE comptes_affectation SET role = 'prefet'"],
    "affectation_unique": [COPIE.format("comptes_affectation", *["utilisateur_id, role, region_id, du"] * 2)],
    "invitation_role_connu": ["UPDATE comptes_invitation SET role = 'prefet'"],
    "invitation_porteur_sans_region": ["UPDATE comptes_invitation SET role = 'porteur'"],
    "invitation_dates_ordonnees": ["UPDATE comptes_invitation SET expire_le = creee_le"],
    "invitation_empreinte_forme": ["UPDATE comptes_invitation SET empreinte = upper(repeat('a', 64))"],
    "invitation_acceptee_par_quelqu_un": ["UPDATE comptes_invitation SET acceptee_par_id = par_id"],
    "invitation_une_seule_issue": [
        "UPDATE comptes_invitation SET acceptee_le = creee_le, acceptee_par_id = par_id, annulee_le = creee_le"
    ],
    "visa_sens_connu": [VISA.format("'reserve'", "''", "role", "empreinte")],
    "visa_refus_motive": [VISA.format("'refuse'", "''", "role", "empreinte")],
    "visa_role_connu": [VISA.format("sens", "motif", "'prefet'", "empreinte")],
    "visa_empreinte_forme": [VISA.format("sens", "motif", "role", "upper(repeat('a', 64))")],
    "interet_en_cours_unique": [INTERET.format("nature", "du", "NULL", "NULL", "NULL")],
    "interet_nature_connue": [INTERET.format("'amitie'", "du", "NULL", "NULL", "NULL")],
    "interet_dates_ordonnees": [INTERET.format("'autre'", "du", "du - 1", "personne_id", "now()")],
    "interet_fin_complete": [INTERET.format("'autre'", "du", "du", "NULL", "now()")],
    "delegation_a_autrui": [DELEGATION.format("delegant_id", "nature", "role", APRES, "acte", "acte_le")],
    "delegation_role_delegable": [
        "INSERT INTO comptes_affectation (utilisateur_id, role, region_id, du)"
        " SELECT delegant_id, 'auditeur', region_id, date '2000-01-01' FROM comptes_delegation",
        DELEGATION.format("delegataire_id", "nature", "'auditeur'", APRES, "acte", "acte_le"),
    ],
    "delegation_nature_connue": [DELEGATION.format("delegataire_id", "'interim'", "role", APRES, "acte", "acte_le")],
    "delegation_dates_ordonnees": [
        DELEGATION.format("delegataire_id", "nature", "role", "date '2090-02-02'", "acte", "acte_le")
    ],
    "delegation_acte_reference": [DELEGATION.format("delegataire_id", "nature", "role", APRES, "''", "NULL")],
    "delegation_revocation_complete": ["UPDATE comptes_delegation SET revoquee_des = du"],
    "entree_rang_unique": [
        "ALTER TABLE moteur_entree DISABLE TRIGGER USER",
        COPIE.format(
            "moteur_entree",
            *["chaine, rang, le, par_id, role, objet, action, donnees, transaction, precedent, empreinte"] * 2,
        ),
    ],
    "og_finess_unique": [COPIE.format("grappes_organismegestionnaire", *["finess, nom, siren, rejeu"] * 2)],
    "og_finess_forme": ["UPDATE grappes_organismegestionnaire SET finess = '31000001'"],
    "og_siren_forme": ["UPDATE grappes_organismegestionnaire SET siren = '12345678'"],
    "essms_finess_unique": [COPIE.format("grappes_essms", *[ESSMS] * 2)],
    "essms_siret_forme": ["UPDATE grappes_essms SET siret = '1,23E+13'"],
    "essms_code_postal_forme": ["UPDATE grappes_essms SET code_postal = '1440'"],
    "essms_position_complete": ["UPDATE grappes_essms SET coord_x = 1, coord_y = NULL, coord_systeme = ''"],
    "evenement_un_seul_objet": [EVENEMENT.format("NULL", "'fermeture'", "''")],
    "evenement_nature_connue": [EVENEMENT.format("essms_id", "'fusion'", "''")],
    "evenement_champ_du_changement": [EVENEMENT.format("essms_id", "'changement'", "''")],
    "essms_finess_forme": ["UPDATE grappes_essms SET finess = 'AB0000010'"],
    "membre_present_une_fois": [COPIE.format("grappes_membre", *[MEMBRE] * 2)],
    "membre_dates_ordonnees": ["UPDATE grappes_membre SET parti_le = arrive_le - 1"],
    "membre_heures_coherentes": ["UPDATE grappes_membre SET heures_eligibles = 3, heures_totales = 2"],
    "rattachement_en_cours_unique": [COPIE.format("grappes_rattachement", *[RATTACHEMENT] * 2)],
    "rattachement_dates_ordonnees": ["UPDATE grappes_rattachement SET au = du - 1"],
    "demande_ouverte_unique": [COPIE.format("grappes_demandegrappe", *[DEMANDE] * 2)],
    "demande_nombre_positif": ["UPDATE grappes_demandegrappe SET nombre = 0"],
    "demande_contact_donne": ["UPDATE grappes_demandegrappe SET contact = ''"],
    "demande_secteur_connu": ["UPDATE grappes_demandegrappe SET secteur = 'MCO'"],
    "demande_projet_connu": ["UPDATE grappes_demandegrappe SET projet = 'refonte'"],
    "commande_sons_reference_unique": [
        COPIE.format("grappes_commandesons", COMMANDE, COMMANDE.replace("vague", "'MS2'"))
    ],
    "commande_sons_une_par_vague": [
        COPIE.format("grappes_commandesons", COMMANDE, COMMANDE.replace("reference", "'S2'"))
    ],
    "commande_sons_dates_ordonnees": ["UPDATE grappes_commandesons SET soldee_le = commandee_le - 1"],
    "commande_sons_logiciel_nomme": ["UPDATE grappes_commandesons SET logiciel = ''"],
    "tache_ouverte_une_fois": [
        COPIE.format("instruction_tachesuivie", *[TACHE] * 2).replace(" LIMIT", " WHERE status = 'NEW' LIMIT")
    ],
    "tache_prise_par_quelqu_un": ["UPDATE instruction_tachesuivie SET status = 'ASSIGNED' WHERE status = 'NEW'"],
    "reglement_publie_une_fois": [COPIE.format("aap_reglement", *["code, texte, empreinte, publie_le"] * 2)],
    "aap_code_unique": [COPIE.format("aap_aap", *["code, intitule, reglement_id, rejeu"] * 2)],
    "fenetre_code_unique": [
        COPIE.format("aap_fenetre", *["aap_id, code, ouvre, ferme, projets, secteurs"] * 2)
    ],
    "fenetre_dates_ordonnees": ["UPDATE aap_fenetre SET ferme = ouvre - 1"],
    "dossier_reference_unique": ["UPDATE aap_dossier SET reference = 'D1'"],
    "dossier_depot_complet": ["UPDATE aap_dossier SET etat = 'depose' WHERE reference = 'D3'"],
    "dossier_aide_fixee": ["UPDATE aap_dossier SET aide = 0 WHERE reference = 'D2'"],
    "dossier_refus_motive": ["UPDATE aap_dossier SET etat = 'abandonne' WHERE reference = 'D3'"],
    "mouvement_rang_unique": [
        "ALTER TABLE aap_mouvement DISABLE TRIGGER USER",
        COPIE.format("aap_mouvement", *["enveloppe_id, nature, montant, le, rang, dotation"] * 2),
    ],
    "mouvement_versement_unique": [
        MOUVEMENT.format("'reservation', 100", "NULL"),
        MOUVEMENT.format("'engagement', 100", "NULL"),
        MOUVEMENT.format("'versement', 100", "1"),
    ],
    "mouvement_enveloppe_suffisante": [MOUVEMENT.format("'reservation', 9999999999", "NULL")],
    "mouvement_dossier_couvert": [MOUVEMENT.format("'engagement', 1", "NULL")],
    "mouvement_montant_positif": [MOUVEMENT.format("'reservation', 0", "NULL")],
    "mouvement_nature_complete": [MOUVEMENT.format("'reservation', 1", "1")],
    "piece_empreinte_forme": [
        COPIE.format("aap_piecefournie", "dossier_id, code, nom, empreinte, taille, par_id, fournie_le",
                     "dossier_id, code, nom, upper(repeat('a', 64)), taille, par_id, fournie_le"),
    ],
    "saisie_section_unique": [SAISIE.format("projet")] * 2,
    "saisie_section_connue": [SAISIE.format("roman")],
    "piece_format_connu": [
        COPIE.format("aap_piecefournie", "dossier_id, code, nom, empreinte, taille, par_id, fournie_le, format",
                     "dossier_id, code, nom, repeat('a', 64), taille, par_id, fournie_le, 'html'"),
    ],
    "piece_contenu_empreinte": [
        COPIE.format("aap_piecefournie", "dossier_id, code, nom, empreinte, taille, par_id, fournie_le, format",
                     "dossier_id, code, nom, '', taille, par_id, fournie_le, 'pdf'"),
    ],
    "piece_md5_annonce": [
        COPIE.format("aap_piecefournie", "dossier_id, code, nom, md5, taille, par_id, fournie_le",
                     "dossier_id, code, nom, upper(repeat('a', 32)), taille, par_id, fournie_le"),
    ],
    "recu_code_unique": [
        "ALTER TABLE aap_recu DISABLE TRIGGER USER",
        "UPDATE aap_recu SET code = repeat('a', 32)",
    ],
    "recu_code_forme": [
        "ALTER TABLE aap_recu DISABLE TRIGGER USER",
        "UPDATE aap_recu SET code = upper(repeat('a', 32))",
    ],
    "derogation_unique": [COPIE.format("aap_derogation", *["dossier_id, regle, motif, par_id, le"] * 2)],
    "message_rang_unique": [COPIE.format("aap_message", *[MESSAGE] * 2)],
    "message_non_vide": [COPIE.format("aap_message", MESSAGE, MESSAGE.replace("texte", "''").replace("rang", "2"))],
    "message_role_connu": [
        COPIE.format("aap_message", MESSAGE, MESSAGE.replace("role", "'prefet'").replace("rang", "2"))
    ],
    "jointe_empreinte_forme": [COPIE.format("aap_piecejointe", JOINTE, JOINTE.replace("empreinte", "'abc'"))],
    "jointe_format_connu": [COPIE.format("aap_piecejointe", JOINTE, JOINTE.replace("format", "'html'"))],
    "lecture_une_par_personne": [COPIE.format("aap_lecturemessage", *["message_id, personne_id, le"] * 2)],
    "note_rang_unique": [COPIE.format("aap_note", *[NOTE] * 2)],
    "note_non_vide": [COPIE.format("aap_note", NOTE, NOTE.replace("texte", "''").replace("rang", "2"))],
    "mention_une_par_personne": [COPIE.format("aap_mention", *["note_id, personne_id"] * 2)],
    "aide_question_posee": [COPIE.format("accompagnement_demandeaide", AIDE, AIDE_OUVERTE.replace("sujet", "''"))],
    "aide_prise_par_quelqu_un": [
        "UPDATE accompagnement_demandeaide SET etat = 'prise_en_charge' WHERE etat = 'ouverte'"
    ],
    "aide_resolue_repondue": ["UPDATE accompagnement_demandeaide SET reponse = '' WHERE etat = 'resolue'"],
    "risque_nomme": [COPIE.format("accompagnement_risque", RISQUE, RISQUE.replace("libelle", "''"))],
    "lien_risque_unique": [COPIE.format("accompagnement_lienrisque", *[LIEN] * 2)],
    "lien_risque_fini_par_quelqu_un": ["UPDATE accompagnement_lienrisque SET fin_le = le"],
    "annotation_valeurs_connues": [ANNOTATION.format("'meteo'", "'modere'", "'ars'", "''", "''")],
    "annotation_a_faire_complet": [ANNOTATION.format("axe", "'modere'", "'ars'", "''", "'Relancer'")],
    "annotation_fort_commentee": [ANNOTATION.format("axe", "'fort'", "'ars'", "''", "''")],
    "annotation_non_evalue_sans_maitrise": [ANNOTATION.format("axe", "'non_evalue'", "'ars'", "''", "''")],
    "niveau_unique": [
        "ALTER TABLE accompagnement_niveaucourant DISABLE TRIGGER USER",
        "UPDATE accompagnement_niveaucourant SET axe = 'achat'",
    ],
    "action_rang_unique": [COPIE.format("accompagnement_actionplan", *[ACTION] * 2)],
    "action_decrite": [
        COPIE.format("accompagnement_actionplan", ACTION, ACTION.replace("phase", "'apres'").replace("rang", "2"))
    ],
    "suivi_statut_connu": [COPIE.format("accompagnement_suiviaction", SUIVI, SUIVI.replace("statut", "'oubliee'"))],
    "suivi_abandon_explique": [
        COPIE.format("accompagnement_suiviaction", SUIVI, SUIVI.replace("statut", "'abandonnee'"))
    ],
    "reception_rang_unique": [COPIE.format("aap_reception", *[RECEPTION] * 2)],
    "reception_rang_positif": [COPIE.format("aap_reception", RECEPTION, RECEPTION.replace("rang", "0"))],
    "reception_empreinte_forme": [COPIE.format("aap_reception", RECEPTION, RECEPTION.replace("empreinte", "'abc'"))],
    "evaluation_une_par_personne": [
        COPIE.format("scoring_evaluation", *["dossier_id, evaluateur_id, notes, rendue_le"] * 2)
    ],
    "convention_montant_positif": [
        COPIE.format("conventions_convention", "dossier_id, etat, montant, version", "dossier_id, 'brouillon', 0, 0")
    ],
    "convention_signee_engagee": ["UPDATE conventions_convention SET engagee_le = NULL WHERE etat = 'echue'"],
    "signataire_unique": [COPIE.format("conventions_signataire", *["convention_id, qualite, og_id"] * 2)],
    "signataire_og_nomme": [
        COPIE.format("conventions_signataire", "convention_id, qualite, og_id", "convention_id, 'og', NULL")
    ],
    "versement_rang_connu": [VERSEMENT.format("3, 1")],
    "versement_montant_positif": [VERSEMENT.format("2, 0")],
    "versement_un_par_rang": [VERSEMENT.format("1, 1")],
    "versement_roles_separes": ["UPDATE conventions_versement SET execute_par_id = ordonnance_par_id"],
    "versement_execute_date": ["UPDATE conventions_versement SET execute_le = NULL WHERE etat = 'execute'"],
    "reversement_montant_positif": [
        COPIE.format("conventions_reversement", "dossier_id, montant, etat, motif, version",
                     "dossier_id, 0, 'emis', '', 0")
    ],
    "declaration_une_par_mois": [DECLARATION.format("2023-05-01"), DECLARATION.format("2023-05-01")],
    "declaration_premier_du_mois": [DECLARATION.format("2023-05-02")],
    "saisie_usages_une_par_mois": [
        COPIE.format("usages_saisieusages", *["dossier_id, mois, version, champs, par_id, le"] * 2)
    ],
    "saisie_usages_premier_du_mois": [
        COPIE.format("usages_saisieusages", "dossier_id, mois, version, champs, par_id, le",
                     "dossier_id, date '2023-05-02', version, champs, par_id, le"),
    ],
    "mesure_une_par_essms": [
        DECLARATION.format("2023-05-01"), SUPPLEMENT.format("1, 1, 1"), SUPPLEMENT.format("1, 1, 1"),
    ],
    "mesure_dossiers_coherents": [DECLARATION.format("2023-05-01"), SUPPLEMENT.format("10, 11, 6")],
    "courriel_un_par_evenement": [COURRIEL.format("'a_envoyer'", "NULL"), COURRIEL.format("'a_envoyer'", "NULL")],
    "courriel_envoye_date": [COURRIEL.format("'envoye'", "NULL")],
    "courriel_repris_par_un_resume": [COURRIEL.format("'repris'", "NULL")],
    "courriel_un_seul_objet": [
        COURRIEL.format("'a_envoyer'", "NULL"),
        "UPDATE courriels_courriel SET demande_id = a.id, dossier_id = d.id"
        " FROM accompagnement_demandeaide a, aap_dossier d"
    ],
    "objectif_action_connue": [
        "ALTER TABLE aap_objectif DISABLE TRIGGER USER", "UPDATE aap_objectif SET action = 'deposer'",
    ],
    "objectif_jours_possibles": [
        "ALTER TABLE aap_objectif DISABLE TRIGGER USER", "UPDATE aap_objectif SET jours_ouvres = 0",
    ],
    "lot_arrete_apres_son_lancement": [LOT, "UPDATE instruction_lot SET arrete_le = now()"],
    "lignelot_dossier_une_fois": [LOT, LIGNE, LIGNE],
    "lignelot_refus_motive": [LOT, LIGNE, "UPDATE instruction_lignelot SET sort = 'refusee', message = ''"],
    "lignelot_faite_au_journal": [LOT, LIGNE, "UPDATE instruction_lignelot SET sort = 'faite'"],
    "presence_unique": [PRESENCE, PRESENCE],
    "vue_nom_unique": [VUE, VUE],
    "preference_unique": [PREFERENCE.format("resume"), PREFERENCE.format("resume")],
    "preference_demandes_gardees": [PREFERENCE.format("aucun")],
}  # fmt: skip

#: Three-valued logic lets a NULL through a CHECK that does not name it. These statements were accepted once.
NULS: dict[str, str] = {
    "membre_heures_coherentes": "UPDATE grappes_membre SET heures_eligibles = 3",
    "dossier_aide_fixee": "UPDATE aap_dossier SET aide = NULL WHERE reference = 'D2'",
    "convention_signee_engagee": "UPDATE conventions_convention SET echeance_cibles = NULL WHERE etat = 'echue'",
    "mouvement_nature_complete": MOUVEMENT.format("'versement', 0.01", "NULL"),
}

#: Triggers of one model only; those of every machine and of every append-only table are broken in test_sql_interdit.
PARTICULIERS = {
    ("Entree", "chainage"), ("Mouvement", "cumul"), ("Mouvement", "mouvement_journalise"),
    ("Annotation", "projection"), ("NiveauCourant", "tenue_par_la_base"), ("NiveauCourant", "sans_vidage"),
    *[("LienRisque", nom) for nom in ("fige", "sans_retour", "sans_suppression", "sans_vidage")],
    ("Versement", "moitie_due"), ("Versement", "fige"),
    ("Convention", "fige"), ("Reversement", "fige"), ("Declaration", "fige"), ("Mesure", "fige_une_fois_transmise"),
    ("Objectif", "objectif_journalise"), ("DemandeAide", "fige"), ("Mesure", "sans_vidage"),
    *[("Interet", nom) for nom in ("interet_clos_une_fois", "fige", "sans_suppression", "sans_vidage")],
    *[("Delegation", nom) for nom in ("delegation_licite", "revocation_sans_retour", "fige")],
    *[("Delegation", nom) for nom in ("sans_suppression", "sans_vidage")],
    ("Essms", "mots_de_recherche"), ("OrganismeGestionnaire", "nom_suivi"),
}  # fmt: skip
DES_MACHINES = {"aretes", "etat_initial", "etat_journalise", "sans_suppression", "sans_vidage"}
DES_AJOUTS = {"sans_modification", "sans_vidage"}


def named_constraints() -> set[str]:
    return {contrainte.name for modele in our_models() for contrainte in modele._meta.constraints}


def test_every_constraint_is_broken_below() -> None:
    assert set(BRISER) == named_constraints()


@pytest.mark.parametrize("nom", BRISER)
def test_constraint(monde: dict[str, Dossier], nom: str) -> None:
    *avant, dernier = BRISER[nom]
    settle()
    for ordre in avant:
        sql(ordre)
    assert refusal(dernier) == nom


@pytest.mark.parametrize("nom", NULS)
def test_null_does_not_slip_through(monde: dict[str, Dossier], nom: str) -> None:
    sql(MOUVEMENT.format("'reservation', 1", "NULL"))
    sql(MOUVEMENT.format("'engagement', 1", "NULL"))
    assert refusal(NULS[nom]) == nom


def test_every_trigger_is_known_to_a_test() -> None:
    attendus = {(modele.__name__, nom) for modele in guarded() for nom in DES_MACHINES}
    attendus |= {(modele.__name__, nom) for modele in append_only() for nom in DES_AJOUTS}
    assert {(m.__name__, nom) for m in our_models() for nom in triggers(m)} == attendus | PARTICULIERS


@pytest.mark.parametrize("modele", our_models(), ids=lambda modele: modele._meta.model_name)
def test_message_shown_by_a_form_is_french(modele: type[models.Model]) -> None:
    for contrainte in modele._meta.constraints:
        message: Any = contrainte.violation_error_message
        if message != contrainte.default_violation_error_message:
            assert_teaches(str(message))


@pytest.mark.parametrize(
    ("nom", "code"),
    [
        ("mouvement_enveloppe_suffisante", Code.ENVELOPPE_INSUFFISANTE),
        ("mouvement_dossier_couvert", Code.ENVELOPPE_INSUFFISANTE),
        ("mouvement_versement_unique", Code.VERSEMENT_DEJA_EFFECTUE),
        ("versement_un_par_rang", Code.VERSEMENT_DEJA_EFFECTUE),
        ("versement_roles_separes", Code.SEPARATION_DES_ROLES),
        ("derogation_unique", Code.DONNEES_INVALIDES),
        ("declaration_une_par_mois", Code.DONNEES_INVALIDES),
        ("mesure_dossiers_coherents", Code.DONNEES_INVALIDES),
        ("entree_rang_unique", Code.TRANSITION_INTERDITE),
    ],
)
def test_refusal_of_the_database_is_taught(monde: dict[str, Dossier], nom: str, code: Code) -> None:
    """The same constraint met through the doors is a refusal like any other."""
    *avant, dernier = BRISER[nom]
    settle()
    for ordre in avant:
        sql(ordre)
    with pytest.raises(Refus) as refus, traduire(), transaction.atomic():
        sql(dernier)
    assert refus.value.code is code
    assert_teaches(refus.value.message)


@pytest.mark.parametrize(
    ("ordre", "code"),
    [
        ("UPDATE usages_mesure SET personnes = 1", Code.TRANSITION_INTERDITE),
        ("UPDATE conventions_versement SET etat = 'certifie' WHERE rang = 2", Code.CIBLES_NON_ATTEINTES),
        ("UPDATE conventions_versement SET etat = 'certifie' WHERE rang = 1", Code.TRANSITION_INTERDITE),
    ],
)
def test_refusal_of_a_trigger_is_taught(monde: dict[str, Dossier], ordre: str, code: Code) -> None:
    with tampering(Versement):
        sql("UPDATE conventions_versement SET etat = 'propose'")
    with pytest.raises(Refus) as refus, traduire(), transaction.atomic():
        sql(ordre)
    assert refus.value.code is code
    assert_teaches(refus.value.message)


def test_other_errors_are_not_dressed_up(monde: dict[str, Dossier]) -> None:
    with pytest.raises(DatabaseError) as erreur, traduire(), transaction.atomic():
        sql("SELECT 1 / 0")
    assert "division" in who(erreur.value)
