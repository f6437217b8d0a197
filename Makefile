# What a person types. Every target installs what it needs into the checkout, and only when
# the files that decide it have changed, so that a second start loses no time.

VENV := .venv
RUN := $(VENV)/bin/countersign
PYTHON := $(VENV)/bin/python
PIP := $(PYTHON) -m pip --disable-pip-version-check install -qq --constraint constraints.txt
PRODUCT := $(VENV)/.product-installed
TOOLS := $(VENV)/.tools-installed
MODULES := web/node_modules/.package-lock.json
PAGES := src/countersign/ground/shell/static/dist/manifest.json
STYLES := src/countersign/ground/shell/static/css
TESTS := $(PYTHON) -m pytest -n auto --maxprocesses 4 --dist loadfile
WEB := $(shell find web -path web/node_modules -prune -o -type f -print; find $(STYLES) -name "*.css")

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help llama-server transformers-server training-environment histomicstk-environment run test test-offline check bundle format bench new-room clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

run: $(PRODUCT) $(PAGES) ## install, start, serve at http://127.0.0.1:8000; Ctrl-C stops all of it
	@exec $(RUN) run

test: $(TOOLS) $(PAGES) ## the tests, but for the trial of a bundle
	@$(TESTS) -q -m 'not bundle'

test-offline: $(TOOLS) $(PAGES) bundle ## all tests where there is no network; fails on one attempt
	@$(PYTHON) -m tools.offline -- $(TESTS) -q

bundle: $(PRODUCT) $(PAGES) ## [PYTHONS="3.11 3.12"] [ARCH=aarch64]: one file that installs offline
	@$(PYTHON) -m tools.bundle $(PYTHONS:%=--python %) $(ARCH:%=--arch %)

check: $(TOOLS) $(PAGES) bundle ## format, lint, types, import contracts, tests: what CI runs
	@echo '── format'
	@$(VENV)/bin/ruff format --check .
	@echo '── lint'
	@$(VENV)/bin/ruff check .
	@echo '── types'
	@web/node_modules/.bin/pyright --project pyproject.toml
	@web/node_modules/.bin/tsc --noEmit --project web
	@echo '── import contracts'
	@$(VENV)/bin/lint-imports --no-cache --no-logo
	@echo '── tests'
	@$(PYTHON) -m tools.offline --if-permitted -- $(TESTS)

format: $(TOOLS) ## put the Python files in order
	@$(VENV)/bin/ruff check --fix-only --quiet .
	@$(VENV)/bin/ruff format .

bench: $(TOOLS) $(PAGES) ## NAME=… [DATA=folder]: one measurement; without NAME, their list
	@$(PYTHON) -m benchmarks $(if $(NAME),"$(NAME)") $(if $(DATA),--data "$(DATA)")

llama-server: $(TOOLS) ## the server of language models that tests use; built once for this machine
	@$(PYTHON) -m tools.serving.llama_server

transformers-server: $(TOOLS) ## another one, with PyTorch; installed once for this machine
	@$(PYTHON) -m tools.serving.apart transformers

training-environment: $(TOOLS) ## PyTorch for training small models; installed once for this machine
	@$(PYTHON) -m tools.training_environment

histomicstk-environment: $(TOOLS) ## a peer of the pathology measurements; installed once for this machine
	@$(PYTHON) -m tools.histomicstk_environment

new-room: $(TOOLS) ## NAME=… [TITLE=中文名]: a room that already passes `make check`
	@$(PYTHON) -m tools.new_room "$(NAME)" "$(TITLE)"

clean: ## remove what was installed and built; the data in .data stays
	rm -rf $(VENV) web/node_modules src/countersign/ground/shell/static/dist src/*.egg-info
	rm -rf .pytest_cache .ruff_cache .hypothesis
	find src tests benchmarks tools -name __pycache__ -prune -exec rm -rf {} +

$(PYTHON):
	@for candidate in python3.11 python3.12 python3.13 python3; do \
	    if $$candidate -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' 2>/dev/null; \
	    then echo "── making $(VENV) with $$($$candidate --version)"; \
	        exec $$candidate -m venv $(VENV); fi; \
	done; echo 'Countersign needs Python 3.11 or newer. Install it and try again.' >&2; exit 1

$(PRODUCT): pyproject.toml constraints.txt | $(PYTHON)
	@echo '── installing the product (the first time takes minutes)'
	@$(PIP) --editable .
	@touch $@

$(TOOLS): pyproject.toml constraints.txt | $(PYTHON)
	@echo '── installing the product and the tools of its tests'
	@$(PIP) --editable '.[dev]'
	@touch $@ $(PRODUCT)

$(MODULES): web/package.json web/package-lock.json
	@command -v npm >/dev/null || { echo 'Countersign needs Node 20 or newer to build its pages. Install it and try again.' >&2; exit 1; }
	@echo '── installing what builds the pages'
	@cd web && npm ci --no-fund --no-audit --loglevel=error
	@touch $@

$(PAGES): $(MODULES) $(WEB)
	@echo '── building the pages'
	@cd web && npm run --silent build
	@touch $@
