"""The list of dossiers: what is asked (`filtre`), found (`lecture`), counted (`comptes`), shown, kept, exported."""
