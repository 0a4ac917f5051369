"""The documents of a dossier, for whoever may read it: listed, shown in place, handed over."""
