# Every target works as the first command on a fresh clone: what it needs is made and installed on the way.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

LOCKS := deploy/locks
SERVICES := identity orgs authz artifacts notifications
MEMBERS := $(patsubst %/pyproject.toml,%,$(wildcard libs/*/pyproject.toml services/*/pyproject.toml deploy/local/pyproject.toml))
TESTED := $(wildcard libs services deploy tests-e2e)
BIN := .venv/bin
INSTALLED := .venv/installed
UV := $(BIN)/uv
PYTEST := $(BIN)/pytest -p no:cacheprovider
COMPOSE = $(shell docker compose version >/dev/null 2>&1 && echo docker compose || echo docker-compose)
PYTHON = $(shell for one in python3.11 python3 python3.12 python3.13; do "$$one" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$one" && break; done)

##@ Run
up: $(INSTALLED) ## Start the platform on this machine; returns when it is healthy
	$(BIN)/muster up

down: $(INSTALLED) ## Stop it; data stay in .muster
	$(BIN)/muster down

demo: up ## Start it and go through the whole journey, step by step
	$(BIN)/muster demo

status: $(INSTALLED) ## Show processes, health and memory
	$(BIN)/muster status

logs: $(INSTALLED) ## Follow all logs
	$(BIN)/muster logs --follow

migrate: up ## Migrate the databases of the running platform
	$(BIN)/muster migrate

openapi: up ## Write the merged OpenAPI document to openapi.json
	$(BIN)/muster openapi --out openapi.json

compose-up: $(INSTALLED) ## Start the platform in containers; secrets are made on first use
	$(BIN)/python -m muster.containers init
	MUSTER_PUBLIC_URL="$${MUSTER_PUBLIC_URL:-http://127.0.0.1:$${MUSTER_PORT:-8080}}" $(COMPOSE) up --build --detach

compose-down: ## Stop the containers; data stay in their volumes
	$(COMPOSE) down

##@ Test
test: $(INSTALLED) ## Run every test that needs no container engine and no browser
	$(PYTEST) -n 2 --dist loadgroup -m "not containers and not browser" $(TESTED)

test-browser: $(INSTALLED) ## Run the tests that need Chromium
	$(PYTEST) -m browser services/identity/tests

test-containers: $(INSTALLED) ## Run the tests that need a container engine
	$(PYTEST) -m containers $(wildcard tests-e2e deploy libs/testkit)

e2e: $(INSTALLED) ## Run the journeys through the gateway only
	$(PYTEST) -m "not containers" tests-e2e

bench: $(INSTALLED) ## Measure, each figure beside its limit
	$(BIN)/python -m bench

##@ Check
check: lint types imports shape ## Check style, types, import rules and the shape of the services

lint: $(INSTALLED) ## Check style and format
	$(BIN)/ruff check . && $(BIN)/ruff format --check .

fmt: $(INSTALLED) ## Mend style and format
	$(BIN)/ruff format . && $(BIN)/ruff check --fix .

types: $(INSTALLED) ## Check types
	$(BIN)/pyright --pythonpath $(BIN)/python

imports: $(INSTALLED) ## Check which package may import which
	$(BIN)/lint-imports

shape: $(INSTALLED) ## Check that URLs, modules and names agree
	$(PYTEST) -k shape services

##@ Install
install: $(INSTALLED) ## Make .venv and install what is locked

lock: $(INSTALLED) ## Resolve anew and write deploy/locks/*.txt
	$(UV) lock --upgrade --quiet
	@$(MAKE) export

export: $(INSTALLED) ## Write deploy/locks/*.txt from uv.lock, which stays on this machine
	test -f uv.lock || $(UV) lock --quiet
	$(UV) export $(EXPORT) --all-packages --output-file $(LOCKS)/development.txt
	for one in $(SERVICES) local; do $(UV) export $(EXPORT) --no-dev --package "muster-$$one" --output-file "$(LOCKS)/$$one.txt"; done
	$(UV) pip compile --quiet --no-header --no-annotate --generate-hashes --universal --python-version 3.11 --constraint $(LOCKS)/development.txt --output-file $(LOCKS)/bootstrap.txt $(LOCKS)/bootstrap.in

clean: ## Stop the platform and remove its data and every cache; .venv stays
	if [ -x $(BIN)/muster ]; then $(BIN)/muster down; fi
	rm -rf .muster .pytest_cache .ruff_cache .hypothesis .import_linter_cache openapi.json
	find libs services deploy -name __pycache__ -prune -exec rm -rf {} +

help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z0-9-]+:.*## / {printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: up down demo status logs migrate openapi compose-up compose-down test test-browser test-containers e2e bench check lint fmt types imports shape install lock export clean help

EXPORT := --frozen --quiet --no-header --no-annotate --no-emit-workspace

$(INSTALLED): $(wildcard $(LOCKS)/bootstrap.txt $(LOCKS)/development.txt) $(addsuffix /pyproject.toml,$(MEMBERS))
	@test -n "$(PYTHON)" || { echo "make: Python 3.11 or newer is needed and none was found (python3.11, python3)" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes --requirement $(LOCKS)/bootstrap.txt
	$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes --requirement $(LOCKS)/development.txt
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation $(addprefix --editable ,$(MEMBERS))
	touch $@
