"""A fictive national FINESS register, in the real format, the same for the same seed. Source: regles.md §11.

Nothing here reads the database: the words, weights and places are in `fixtures/finess/`.
"""
