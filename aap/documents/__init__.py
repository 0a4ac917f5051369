"""Documents of a dossier: judged by their content, kept under their SHA-256 (docs/adr/0013-documents.md)."""
