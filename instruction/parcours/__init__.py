"""The process of a dossier on one page: drawn from `instruction.flows`, and where one dossier stands on it."""
