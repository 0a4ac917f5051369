"""Words are normalised twice as fast, categories are told from names, and results are sorted, not walked to.

`grappes_normaliser` gives what it gave. Most texts are plain ASCII, which `lower` alone puts in lower case; for the
others, `translate` looks each letter up from the left of a long list, so the commonest ones come first.
"""

import moteur.declencheurs
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

COURANTES = " abcdefghijklmnopqrstuvwxyz0123456789"
DE = COURANTES + (
    "ÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖÙÚÛÜÝàáâãäåçèéêëìíîïñòóôõöùúûüýÿĀāĂăĄąĆćĈĉĊċČčĎďĒēĔĕĖėĘęĚěĜĝĞğĠġĢģĤĥĨ"
    "ĩĪīĬĭĮįİĲĳĴĵĶķĹĺĻļĽľĿŀŃńŅņŇňŌōŎŏŐőŔŕŖŗŘřŚśŜŝŞşŠšŢţŤťŨũŪūŬŭŮůŰűŲųŴŵŶŷŸŹźŻżŽžſ"
)
VERS = COURANTES + (
    "aaaaaaceeeeiiiinooooouuuuyaaaaaaceeeeiiiinooooouuuuyyaaaaaaccccccccddeeeeeeeeeegggggggghhi"
    "iiiiiiiiiijjkkllllllllnnnnnnoooooorrrrrrssssssssttttuuuuuuuuuuuuwwyyyzzzzzzs"
)

NORMALISER = rf"""
CREATE OR REPLACE FUNCTION grappes_normaliser(texte text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT regexp_replace(trim(regexp_replace(
        CASE WHEN octet_length(texte) = length(texte) THEN replace(lower(texte COLLATE "C"), '.', '')
        ELSE translate(replace(replace(replace(replace(replace(normalize(lower(texte COLLATE "C")),
            'œ', 'oe'), 'Œ', 'oe'), 'æ', 'ae'), 'Æ', 'ae'), 'ß', 'ss'), '{DE}.', '{VERS}') END,
        '[^a-z0-9]+', ' ', 'g')), '\msaint(e?)\M', 'st\1', 'g')
$$
"""
#: Rows already there write their words again, by the trigger; backwards too, by the former one.
RECRIRE = "UPDATE grappes_essms SET og_id = og_id"


class Migration(migrations.Migration):
    dependencies = [
        ("grappes", "0005_personnes_demandes_sons"),
    ]

    operations = [
        migrations.RunSQL(NORMALISER, RECRIRE),
        pgtrigger.migrations.RemoveTrigger(
            model_name="essms",
            name="mots_de_recherche",
        ),
        migrations.RemoveIndex(
            model_name="essms",
            name="essms_par_nom",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="essms",
            trigger=pgtrigger.compiler.Trigger(
                name="mots_de_recherche",
                sql=moteur.declencheurs.SqlInviolable(
                    func="NEW.recherche := array_to_tsvector(string_to_array(grappes_normaliser(concat_ws(' ', NEW.finess, NEW.nom, NEW.nom_long, NEW.commune, NEW.code_postal, NEW.departement_id, (SELECT nom FROM grappes_organismegestionnaire WHERE id = NEW.og_id) )), ' ') || ('#' || NEW.categorie)); RETURN NEW;",
                    hash="eb36b0d8d14f4d5ed253887910c909477eacf53d",
                    operation='INSERT OR UPDATE OF "finess", "nom", "nom_long", "commune", "code_postal", "departement_id", "categorie", "og_id"',
                    pgid="pgtrigger_mots_de_recherche_b3dbb",
                    table="grappes_essms",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(RECRIRE, migrations.RunSQL.noop),
    ]
