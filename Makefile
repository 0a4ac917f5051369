# Two commands matter: `make demo` and `make test`. The rest is for those who work on the code.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
SERVE  ?= 1
PORT   ?= 8000
PYTEST ?= -n 2 --dist loadfile

.DEFAULT_GOAL := help
.PHONY: demo run worker test lint fix bench statuts stop help
.SILENT:
MAKEFLAGS += --no-print-directory

demo: $(VENV)/.installed ## A believable regional campaign, then the site (SERVE=0: stop after the summary)
	$(BIN)/python manage.py migrate --verbosity 0
	$(BIN)/python manage.py demo
	HORLOGE=$$($(BIN)/python manage.py demo --jour) $(BIN)/python manage.py courriels
	echo "Données :"
	$(BIN)/python -m config.embarque etat
	if [ "$(SERVE)" != 0 ]; then HORLOGE=$$($(BIN)/python manage.py demo --jour) exec $(MAKE) run; fi

run: $(VENV)/.installed ## The site alone on http://127.0.0.1:8000/ (PORT=8001 for another port)
	$(BIN)/python manage.py migrate --verbosity 0
	echo "Les courriels se lisent sur http://127.0.0.1:$(PORT)/courriels/apercu/ : la base embarquée n'en envoie aucun."
	$(BIN)/python manage.py runserver 127.0.0.1:$(PORT)

worker: $(VENV)/.installed ## What goes on behind the pages: e-mails, digests, reminders
	$(BIN)/python manage.py migrate --verbosity 0
	$(BIN)/python manage.py procrastinate worker --delete-jobs successful

test: $(VENV)/.installed-dev $(VENV)/.chromium ## All the tests (PYTEST="-k bareme" to choose)
	$(BIN)/python -m pytest $(PYTEST)

lint: $(VENV)/.installed-dev ## Format, lint, types, floors, missing migrations
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy .
	$(BIN)/lint-imports --no-logo
	$(BIN)/python manage.py makemigrations --check --dry-run

fix: $(VENV)/.installed-dev ## Repair what the formatter and the linter can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.installed-dev ## Measures, as JSON (BANC=franchir to choose)
	$(BIN)/python -m bench $(BANC)

statuts: $(VENV)/.installed-dev ## Draw the state machines into docs/statuts/
	$(BIN)/python manage.py statuts

stop: ## Stop the embedded PostgreSQL of this copy of the project, and no other
	if [ -e $(VENV)/.installed ] || [ -e $(VENV)/.installed-dev ]; then $(BIN)/python -m config.embarque arreter; fi

help: ## This list
	awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/pip:
	PYTHON=$(PYTHON) sh scripts/venv.sh $(VENV)

$(VENV)/.installed: requirements.txt | $(BIN)/pip
	echo "Installation des dépendances…"
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/.installed-dev: requirements.txt requirements-dev.txt | $(BIN)/pip
	echo "Installation des dépendances de développement…"
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@ $(VENV)/.installed

# The pages are tested in a real browser, which libatomic1 helps Playwright to drive. Installing them takes root; anybody
# else is told what to run.
$(VENV)/.chromium: | $(BIN)/pip
	if ! dpkg -s chromium libatomic1 >/dev/null 2>&1; then \
		if [ "$$(id -u)" != 0 ]; then \
			echo "Les tests des pages demandent un navigateur : lancez « sudo apt-get install -y chromium libatomic1 », puis recommencez." >&2; \
			exit 1; \
		fi; \
		echo "Installation du navigateur des tests…"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium libatomic1 >/dev/null; \
	fi
	touch $@
