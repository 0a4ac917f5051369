"""Dossiers of Démarches Simplifiées: its GraphQL JSON, read through a mapping file, into our exchange format.

`fichier` reads, `correspondance` says which champ is which field, `reprise` takes over and accounts for the rest,
`importation` lets in through the same door as any other file.
"""
