"""One act on many dossiers: chosen (`selection`, `actes`), prepared (`services`), tried then done (`execution`)."""
