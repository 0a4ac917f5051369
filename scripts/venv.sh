#!/bin/sh
# Create the virtual environment given as argument. Debian ships Python without what `venv` needs
# (package python3-venv): installed here when that can be done without asking for a password.
set -eu
python=${PYTHON:-python3}

stop() {
    printf 'Erreur : %s\n' "$1" >&2
    exit 1
}

complete() {
    "$python" -c 'import ensurepip, venv' 2>/dev/null
}

admin() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

command -v "$python" >/dev/null || stop "il faut Python 3.11 ou plus récent (paquet python3)."
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    stop "il faut Python 3.11 ou plus récent ; $python est en $("$python" -V 2>&1)."

if ! complete && command -v apt-get >/dev/null && admin true 2>/dev/null; then
    echo "Installation du paquet python3-venv…"
    export DEBIAN_FRONTEND=noninteractive
    { admin apt-get -qq update && admin apt-get -qq install -y python3-venv; } >/dev/null ||
        stop "l'installation de python3-venv a échoué : lancez « apt-get install python3-venv »."
fi
complete || stop "il manque le module venv de Python : lancez « sudo apt-get install python3-venv » puis recommencez."

echo "Création de l'environnement Python dans $1…"
"$python" -m venv --clear "$1"
