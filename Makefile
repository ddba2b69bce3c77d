# `make help` lists the targets. Everything is installed below this folder: .venv/, node_modules/, static/vendor/.
SHELL := /bin/bash
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.PHONY: help setup run demo test browser lint fmt migrations rule check bench lock icons clean chromium

PYTHON ?= python3
BIN := .venv/bin
PY := $(BIN)/python
TESTS ?= tests
WORKERS ?= 2
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# The static checks load the settings, which refuse to start without secrets. These are worth nothing.
LINT_ENV := AISPM_SECRET_KEY=lint-only-lint-only-lint-only-lint-only-lint-only \
            AISPM_ENCRYPTION_KEYS=bGludC1vbmx5LWxpbnQtb25seS1saW50LW9ubHktMTI=
ICON_SOURCES := $(shell find templates static/js aispm inventory integrations findings/frameworks \
                  -name '*.html' -o -name '*.py' -o -name '*.js' -o -name '*.yaml' 2>/dev/null)

help:  ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## */\1\t/' | expand -t 12

setup: .venv/.installed static/vendor/.copied static/vendor/icons/sprite.svg  ## install everything that development and running need

run: setup  ## start AISPM: embedded database and broker, web, worker, tick
	$(BIN)/aispm up $(ARGS)

demo: setup  ## the same with a simulated AWS account and a cluster already collected
	$(BIN)/aispm up --demo $(ARGS)

test: setup chromium  ## the whole suite
	$(PY) -m pytest -n $(WORKERS) --dist loadfile $(TESTS)

browser: setup chromium  ## only the journeys in a real browser
	$(PY) -m pytest tests/browser

lint: setup  ## style, types, layers, templates, migrations, architecture
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(LINT_ENV) $(BIN)/mypy
	$(LINT_ENV) $(BIN)/lint-imports --no-logo
	find templates -name '*.html' -print0 | xargs -0 -r $(BIN)/djade --target-version 5.2 --check
	$(LINT_ENV) $(PY) -W ignore manage.py makemigrations --check --dry-run
	$(PY) -m pytest -q tests/architecture

fmt: setup  ## format code and templates
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	find templates -name '*.html' -print0 | xargs -0 -r $(BIN)/djade --target-version 5.2

migrations: setup  ## write migrations for changed models: make migrations app=inventory name=what_changes
	@test -n "$(app)" -a -n "$(name)" || { echo "Say which and why: make migrations app=inventory name=what_changes"; exit 2; }
	$(LINT_ENV) $(PY) manage.py makemigrations $(app) -n $(name)

rule: setup  ## start a rule file: make rule id=aws-sagemaker-notebook-root-access
	@deploy/new-rule "$(id)"

check: lint test  ## everything that CI runs

bench: setup  ## measure the numbers that the design promises, as JSON
	$(BIN)/aispm bench $(ARGS)

lock: .venv/.installed  ## resolve the dependencies anew
	$(BIN)/uv pip compile pyproject.toml -o requirements.lock --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-header --upgrade
	$(BIN)/uv pip compile pyproject.toml --extra dev -c requirements.lock -o requirements-dev.lock --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-header --upgrade

icons: node_modules/.installed  ## rebuild the icon sprite after naming a new icon
	node deploy/frontend.mjs --icons

clean:  ## remove everything that setup made; the state in .aispm stays
	rm -rf .venv node_modules static/vendor .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

# --- What setup makes ------------------------------------------------------------------------------------

.venv/bin/pip:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed: apt-get install python3 python3-venv"; exit 1; }
	$(PYTHON) -m venv .venv || { echo "Creating .venv failed. On Debian: apt-get install python3-venv"; rm -rf .venv; exit 1; }

.venv/.installed: requirements-dev.lock pyproject.toml | .venv/bin/pip
	$(BIN)/pip install --quiet --no-compile --require-hashes -r requirements-dev.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

node_modules/.installed: package.json package-lock.json .npmrc
	@command -v npm >/dev/null || { echo "Node 20 or newer with npm is needed: apt-get install nodejs npm"; exit 1; }
	npm ci --silent
	@touch $@

static/vendor/.copied: node_modules/.installed deploy/frontend.mjs
	node deploy/frontend.mjs
	@touch $@

static/vendor/icons/sprite.svg: static/vendor/.copied $(ICON_SOURCES)
	node deploy/frontend.mjs --icons

chromium:
	@command -v chromium >/dev/null || deploy/install-chromium
