"""Triggers that keep the search words of an ESSMS true, whoever writes: an import, a play, plain SQL."""

import pgtrigger

from moteur.declencheurs import Inviolable


class MotsDeRecherche(Inviolable):
    """Write the normalised words of an ESSMS, those of its OG's name included, and its category.

    `#` before the category: no word that is typed holds one, so no name is mistaken for a code.
    """

    name = "mots_de_recherche"
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.UpdateOf(
        "finess", "nom", "nom_long", "commune", "code_postal", "departement_id", "categorie", "og_id"
    )

    # Each in a variable of its own: what is then left to evaluate are plain expressions, the cheapest there are.
    declare = [("og", "text"), ("mots", "text[]")]  # noqa: RUF012

    def get_func(self, model: object) -> str:
        return self.format_sql("""
            SELECT nom INTO og FROM grappes_organismegestionnaire WHERE id = NEW.og_id;
            mots := string_to_array(grappes_normaliser(concat_ws(' ',
                NEW.finess, NEW.nom, nullif(NEW.nom_long, NEW.nom), NEW.commune, NEW.code_postal, NEW.departement_id, og
            )), ' ');
            NEW.recherche := array_to_tsvector(mots || ('#' || NEW.categorie));
            RETURN NEW;
        """)


class NomSuivi(Inviolable):
    """A renamed OG is found by its new name: its ESSMS write their words again."""

    name = "nom_suivi"
    when = pgtrigger.After
    operation = pgtrigger.UpdateOf("nom")
    condition = pgtrigger.AnyChange("nom")

    def get_func(self, model: object) -> str:
        return self.format_sql("""
            UPDATE grappes_essms SET og_id = og_id WHERE og_id = NEW.id;
            RETURN NULL;
        """)
