"""A Django database engine: a real PostgreSQL, started on the first connection, under `var/`.

The why is in docs/adr/0001-postgresql-embarque.md. `base.py` is the engine Django loads,
`serveur.py` starts, shares and stops the server, `emplacement.py` says where it lives and under
which account, `python -m config.embarque` is the command line.
"""
