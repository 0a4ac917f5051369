"""The SQL that merges received FINESS rows into the register, set by set. Run in order by `grappes.importation`.

`finess_recu`: what the files say. `finess_cible`: the ESSMS to be, beside what the register has. `finess_ecart`: every
value that differs, before anything is written. A NULL means that the file does not say: the register keeps its value.
"""

from grappes.recus import COLONNES

#: Sets are joined by hash, in memory, whatever the planner believes of tables that were just filled. New search words
#: wait in the list of the GIN index, which `STATISTIQUES` empties at once: left there, every search would read it.
REGLAGES = """
    SET LOCAL enable_nestloop = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_partitionwise_aggregate = on;
    SET LOCAL jit = off;
    SET LOCAL work_mem = '64MB'; SET LOCAL gin_pending_list_limit = '64MB'
"""
#: Of the columns that are searched, joined or counted; those that are only shown would take as long again.
STATISTIQUES = """
    SELECT gin_clean_pending_list('essms_recherche');
    ANALYZE grappes_essms (finess, categorie, departement_id, og_id, ferme_le, rejeu, recherche);
    ANALYZE grappes_organismegestionnaire
"""
#: Foreign keys, before the commit, by index: départements are few, so each would be looked for by reading them all.
VERIFIER = """
    SET LOCAL enable_seqscan = off; SET CONSTRAINTS ALL IMMEDIATE;
    SET LOCAL enable_seqscan = on; SET CONSTRAINTS ALL DEFERRED
"""

#: A partition for each kind, so that what follows reads the rows it means and no others.
RECU = """
    CREATE TEMPORARY TABLE finess_recu (
        genre text, fichier int, le date, ligne int, lieu text, finess text, og text, nom text, nom_long text,
        adresse text, code_postal text, commune text, departement text, categorie text, agregat text,
        siret text, siren text, ouvert_le date, ferme bool, ferme_le date, x float8, y float8, systeme text
    ) PARTITION BY LIST (genre) ON COMMIT DROP;
    CREATE TEMPORARY TABLE finess_etablissement PARTITION OF finess_recu FOR VALUES IN ('etablissement') ON COMMIT DROP;
    CREATE TEMPORARY TABLE finess_organisme PARTITION OF finess_recu FOR VALUES IN ('organisme') ON COMMIT DROP;
    CREATE TEMPORARY TABLE finess_position PARTITION OF finess_recu FOR VALUES IN ('position') ON COMMIT DROP
"""
COPIE = f"COPY finess_recu ({', '.join(COLONNES)}) FROM STDIN"

#: Rows that speak of one thing: few, so that what follows compares few of them.
REPETES = """
    CREATE TEMPORARY TABLE finess_repete ON COMMIT DROP AS
    SELECT r.tableoid AS partie, r.ctid AS rangee, r.fichier, r.le, r.ligne, r.lieu, genre, finess
    FROM finess_recu r JOIN (SELECT genre, finess FROM finess_recu GROUP BY genre, finess HAVING count(*) > 1) d
    USING (genre, finess)
"""
#: The second mention in one file is a fault of the file; between files, the newest speaks, then the last given.
DOUBLONS = """
    DELETE FROM finess_recu r USING finess_repete b, finess_repete a
    WHERE (r.tableoid, r.ctid) = (b.partie, b.rangee)
      AND (a.genre, a.finess, a.fichier) = (b.genre, b.finess, b.fichier) AND a.ligne < b.ligne
    RETURNING b.fichier, b.ligne, b.lieu, b.finess, a.lieu
"""
DEPASSES = """
    DELETE FROM finess_recu r USING finess_repete a, finess_repete b
    WHERE (r.tableoid, r.ctid) = (a.partie, a.rangee)
      AND (a.genre, a.finess) = (b.genre, b.finess) AND (a.le, a.fichier) < (b.le, b.fichier)
"""

CIBLE = """
    CREATE TEMPORARY TABLE finess_cible ON COMMIT DROP AS
    SELECT r.le, r.finess, r.og, r.nom, r.nom_long, r.adresse, r.code_postal, r.commune, r.departement, r.categorie,
        r.agregat, r.siret, r.ouvert_le, r.ferme, r.ferme_le, coalesce(g.x, r.x) AS x, coalesce(g.y, r.y) AS y,
        CASE WHEN g.x IS NULL THEN r.systeme ELSE g.systeme END AS systeme, e.id AS essms_id, e.vu_le
    FROM finess_etablissement r
    LEFT JOIN finess_position g ON g.finess = r.finess
    LEFT JOIN grappes_essms e ON e.finess = r.finess AND e.rejeu IS NULL
"""
#: The files never bring the register back in time, and never open what closed before it was known.
PERIMES_OU_INCONNUS = """
    WITH ecartes AS (
        DELETE FROM finess_cible WHERE vu_le > le OR essms_id IS NULL AND ferme RETURNING essms_id
    )
    SELECT count(*) FILTER (WHERE essms_id IS NOT NULL), count(*) FILTER (WHERE essms_id IS NULL) FROM ecartes
"""
SANS_OBJET = """
    SELECT (SELECT count(*) FROM finess_position p WHERE NOT EXISTS
               (SELECT 1 FROM finess_cible c WHERE c.finess = p.finess)),
           (SELECT count(*) FROM finess_organisme r
            WHERE NOT EXISTS (SELECT 1 FROM finess_cible c WHERE c.og = r.finess) AND NOT EXISTS
               (SELECT 1 FROM grappes_organismegestionnaire o WHERE o.finess = r.finess AND o.rejeu IS NULL))
"""

OG_ECARTS = """
    CREATE TEMPORARY TABLE finess_og_ecart ON COMMIT DROP AS
    SELECT o.id, r.le, v.champ, v.avant, v.apres
    FROM finess_organisme r JOIN grappes_organismegestionnaire o ON o.finess = r.finess AND o.rejeu IS NULL
    CROSS JOIN LATERAL (VALUES ('nom', o.nom, r.nom), ('siren', o.siren, r.siren)) v (champ, avant, apres)
    WHERE v.avant <> v.apres AND (o.vu_le IS NULL OR o.vu_le <= r.le)
"""
OG_MODIFIES = """
    UPDATE grappes_organismegestionnaire o SET nom = r.nom, siren = r.siren, vu_le = r.le
    FROM finess_organisme r
    WHERE o.finess = r.finess AND o.rejeu IS NULL
      AND (o.vu_le IS NULL OR o.vu_le <= r.le) AND (o.nom, o.siren, o.vu_le) IS DISTINCT FROM (r.nom, r.siren, r.le)
"""
OG_CREES = """
    INSERT INTO grappes_organismegestionnaire (finess, nom, siren, vu_le)
    SELECT c.og, coalesce(r.nom, ''), coalesce(r.siren, ''), r.le
    FROM (SELECT DISTINCT og FROM finess_cible) c
    LEFT JOIN finess_organisme r ON r.finess = c.og
    ORDER BY c.og
    ON CONFLICT (finess, rejeu) DO NOTHING
"""
OG_SANS_NOM = """
    SELECT count(DISTINCT o.id) FROM grappes_organismegestionnaire o JOIN finess_cible c ON c.og = o.finess
    WHERE o.rejeu IS NULL AND o.nom = ''
"""

ECARTS = """
    CREATE TEMPORARY TABLE finess_ecart ON COMMIT DROP AS
    SELECT e.id, c.le, v.champ, coalesce(v.avant, '') AS avant, coalesce(v.apres, '') AS apres
    FROM finess_cible c JOIN grappes_essms e ON e.id = c.essms_id JOIN grappes_organismegestionnaire o ON o.id = e.og_id
    CROSS JOIN LATERAL (VALUES
        ('og', o.finess, c.og), ('nom', e.nom, c.nom), ('nom_long', e.nom_long, c.nom_long),
        ('categorie', e.categorie, c.categorie), ('agregat', e.agregat, coalesce(c.agregat, e.agregat)),
        ('departement', e.departement_id, c.departement), ('commune', e.commune, c.commune),
        ('code_postal', e.code_postal, c.code_postal), ('adresse', e.adresse, c.adresse), ('siret', e.siret, c.siret),
        ('ouvert_le', e.ouvert_le::text, coalesce(c.ouvert_le, e.ouvert_le)::text),
        ('ferme_le', e.ferme_le::text, (CASE WHEN c.ferme THEN coalesce(c.ferme_le, e.ferme_le, c.le) END)::text),
        ('position', concat_ws(' ', e.coord_x, e.coord_y, nullif(e.coord_systeme, '')), CASE WHEN c.x IS NULL
            THEN concat_ws(' ', e.coord_x, e.coord_y, nullif(e.coord_systeme, ''))
            ELSE concat_ws(' ', c.x, c.y, nullif(c.systeme, '')) END)
    ) v (champ, avant, apres)
    WHERE coalesce(v.avant, '') <> coalesce(v.apres, '')
"""
INCHANGES = """
    SELECT count(*) FROM finess_cible
    WHERE essms_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM finess_ecart d WHERE d.id = essms_id)
"""
#: A stock lists what is open: what it no longer lists has closed. Only what some file once listed may vanish from one.
ABSENTS = """
    SELECT count(*) FILTER (WHERE c.finess IS NULL), count(*)
    FROM grappes_essms e LEFT JOIN finess_cible c ON c.finess = e.finess
    WHERE e.rejeu IS NULL AND e.ferme_le IS NULL AND e.vu_le <= %s
"""
ABSENTS_FERMES = """
    INSERT INTO finess_ecart
    SELECT e.id, %s, 'ferme_le', '', (%s)::text
    FROM grappes_essms e
    WHERE e.rejeu IS NULL AND e.ferme_le IS NULL AND e.vu_le <= %s
      AND NOT EXISTS (SELECT 1 FROM finess_cible c WHERE c.finess = e.finess)
"""
FERMER_ABSENTS = """
    UPDATE grappes_essms e SET ferme_le = d.le FROM finess_ecart d
    WHERE d.id = e.id AND d.champ = 'ferme_le' AND NOT EXISTS (SELECT 1 FROM finess_cible c WHERE c.essms_id = e.id)
"""
COMPTES = """
    SELECT count(DISTINCT id) FILTER (WHERE champ <> 'ferme_le' OR avant <> '' AND apres <> ''),
           count(*) FILTER (WHERE champ = 'ferme_le' AND avant = ''),
           count(*) FILTER (WHERE champ = 'ferme_le' AND apres = '')
    FROM finess_ecart
"""
MODIFIES = """
    UPDATE grappes_essms e SET
        og_id = o.id, nom = c.nom, nom_long = c.nom_long, categorie = c.categorie, departement_id = c.departement,
        agregat = coalesce(c.agregat, e.agregat), commune = c.commune, code_postal = c.code_postal, adresse = c.adresse,
        siret = c.siret, ouvert_le = coalesce(c.ouvert_le, e.ouvert_le),
        ferme_le = CASE WHEN c.ferme THEN coalesce(c.ferme_le, e.ferme_le, c.le) END,
        coord_x = coalesce(c.x, e.coord_x), coord_y = coalesce(c.y, e.coord_y),
        coord_systeme = coalesce(c.systeme, e.coord_systeme), vu_le = c.le
    FROM finess_cible c JOIN grappes_organismegestionnaire o ON o.finess = c.og AND o.rejeu IS NULL
    WHERE e.id = c.essms_id AND e.id IN (SELECT id FROM finess_ecart)
"""
VUS = """
    UPDATE grappes_essms e SET vu_le = c.le FROM finess_cible c
    WHERE e.id = c.essms_id AND e.vu_le IS DISTINCT FROM c.le
"""
CREES = """
    WITH crees AS (
        INSERT INTO grappes_essms (finess, nom, nom_long, categorie, agregat, departement_id, og_id, adresse,
            code_postal, commune, siret, ouvert_le, coord_x, coord_y, coord_systeme, vu_le)
        SELECT c.finess, c.nom, c.nom_long, c.categorie, coalesce(c.agregat, ''), c.departement, o.id, c.adresse,
            c.code_postal, c.commune, c.siret, c.ouvert_le, c.x, c.y, coalesce(c.systeme, ''), c.le
        FROM finess_cible c JOIN grappes_organismegestionnaire o ON o.finess = c.og AND o.rejeu IS NULL
        WHERE c.essms_id IS NULL
        ORDER BY c.finess
        RETURNING id, ouvert_le, vu_le
    )
    INSERT INTO grappes_evenementregistre (importation_id, essms_id, nature, le, champ, avant, apres)
    SELECT %s, id, 'ouverture', coalesce(ouvert_le, vu_le), '', '', '' FROM crees
"""
#: Filling a blank loses nothing, so it is no event; every value replaced is one.
EVENEMENTS = """
    INSERT INTO grappes_evenementregistre (importation_id, essms_id, nature, le, champ, avant, apres)
    SELECT %s, id,
        CASE WHEN champ <> 'ferme_le' OR avant <> '' AND apres <> '' THEN 'changement'
             WHEN avant = '' THEN 'fermeture' ELSE 'reouverture' END,
        CASE WHEN champ = 'ferme_le' AND avant = '' THEN apres::date ELSE le END,
        CASE WHEN champ <> 'ferme_le' OR avant <> '' AND apres <> '' THEN champ ELSE '' END, avant, apres
    FROM finess_ecart WHERE avant <> '' OR champ = 'ferme_le'
    ORDER BY id, champ
"""
OG_EVENEMENTS = """
    INSERT INTO grappes_evenementregistre (importation_id, og_id, nature, le, champ, avant, apres)
    SELECT %s, id, 'changement', le, champ, avant, apres FROM finess_og_ecart WHERE avant <> '' ORDER BY id, champ
"""
NETTOYAGE = "DROP TABLE IF EXISTS finess_recu, finess_repete, finess_cible, finess_ecart, finess_og_ecart"
