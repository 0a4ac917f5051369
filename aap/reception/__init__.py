"""Dossiers that come as files: read, judged one by one, let in or returned with their reasons."""
