# Parley: everything a developer or a guest types. `make` or `make help` lists it.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# The newest Python the lock is tested with, 3.11 or newer, that can make a virtual environment.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	if $$p -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; \
	then echo $$p; break; fi; done)
UV ?= uv
# Extra words for the command behind a target: make test ARGS="-k mandate", make run ARGS="--port 8100"
ARGS ?=
# Test processes side by side; JOBS=0 runs them in one.
JOBS ?= 2

.PHONY: help install run test check format bench soak lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/.dev ## Make .venv with everything for development, from the hash lock

run: $(VENV)/.runtime ## Serve Parley on loopback and print the address
	$(BIN)/parley serve $(ARGS)

test: $(VENV)/.dev ## Run the tests (not soak, not live)
	$(BIN)/python -m pytest -n $(JOBS) $(ARGS)

check: $(VENV)/.dev ## Formatting, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev ## Format the code and mend what lint can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev ## Measure this machine against the stated floors
	$(BIN)/python -m bench $(ARGS)

soak: $(VENV)/.dev ## Run the long tests
	$(BIN)/python -m pytest -m soak $(ARGS)

# The development lock is held to the versions of the runtime lock, so both name one set.
# Versions stay unless they must move; renew all with: make lock ARGS=--upgrade
COMPILE = $(UV) pip compile --universal --generate-hashes --no-header --quiet --python-version 3.11 --extra scale --group build $(ARGS)
lock: ## Write both lock files anew (needs uv; ARGS=--upgrade renews all versions)
	@command -v $(UV) >/dev/null || { echo "make lock needs uv: pip install uv, or make lock UV=/path/to/uv" >&2; exit 1; }
	$(COMPILE) -o requirements.txt pyproject.toml
	$(COMPILE) --group dev -c requirements.txt -o requirements-dev.txt pyproject.toml

clean: ## Remove .venv, caches and built files
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage htmlcov
	find app tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Parley needs Python 3.11 or newer with venv: install it, or make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is older than Python 3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# Stamps: a second run installs nothing. The build backend is in the lock, so no isolated build
# environment is made and nothing unlocked is fetched.
$(VENV)/.runtime: requirements.txt pyproject.toml | $(BIN)/python
	@echo "Installing the locked packages into $(VENV); this happens once and takes about a minute."
	$(PIP) --require-hashes -r requirements.txt
	$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.txt pyproject.toml | $(BIN)/python
	@echo "Installing the locked packages and tools into $(VENV); this happens once and takes about a minute."
	$(PIP) --require-hashes -r requirements-dev.txt
	$(PIP) --no-deps --no-build-isolation -e .
	@touch $(VENV)/.runtime $@
