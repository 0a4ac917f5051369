"""The internal notes of a dossier, for the agency and whom it shares them with."""
