"""Words without accents nor case, in SQL. No contrib extension; IMMUTABLE, so usable by indexes and triggers.

Kept as it was written: `grappes/recherche.py` is the same normalisation in Python, and a test holds them together.
"""

from django.db import migrations

DE = (
    'ABCDEFGHIJKLMNOPQRSTUVWXYZÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖÙÚÛÜÝàáâãäåçèéêëìíîïñòóôõöùúûüýÿĀāĂăĄąĆćĈĉĊ'
    'ċČčĎďĒēĔĕĖėĘęĚěĜĝĞğĠġĢģĤĥĨĩĪīĬĭĮįİĲĳĴĵĶķĹĺĻļĽľĿŀŃńŅņŇňŌōŎŏŐőŔŕŖŗŘřŚśŜŝŞşŠšŢţŤťŨũŪūŬŭŮůŰűŲų'
    'ŴŵŶŷŸŹźŻżŽžſ'
)

VERS = (
    'abcdefghijklmnopqrstuvwxyzaaaaaaceeeeiiiinooooouuuuyaaaaaaceeeeiiiinooooouuuuyyaaaaaaccccc'
    'cccddeeeeeeeeeegggggggghhiiiiiiiiiiijjkkllllllllnnnnnnoooooorrrrrrssssssssttttuuuuuuuuuuuu'
    'wwyyyzzzzzzs'
)

NORMALISER = rf"""
CREATE FUNCTION grappes_normaliser(texte text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT regexp_replace(trim(regexp_replace(
        translate(replace(replace(replace(replace(replace(normalize(texte),
            'œ', 'oe'), 'Œ', 'oe'), 'æ', 'ae'), 'Æ', 'ae'), 'ß', 'ss'), '{DE}.', '{VERS}'),
        '[^a-z0-9]+', ' ', 'g')), '\msaint(e?)\M', 'st\1', 'g')
$$
"""


class Migration(migrations.Migration):
    dependencies = [("grappes", "0001_initial")]

    operations = [migrations.RunSQL(NORMALISER, "DROP FUNCTION grappes_normaliser(text)")]
