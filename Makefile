# What people type. `make` alone lists it.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
DATA   ?= sample

.DEFAULT_GOAL := help
.PHONY: help setup demo test unit image local lint bench locks clean operator standin

help: ## list the commands
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.ready ## make .venv with everything the demo and the tests need

$(VENV)/.ready: pyproject.toml locks/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit("Kindred needs Python 3.11 or newer; set PYTHON=" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r locks/dev.txt
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	@touch $@

demo: setup ## train and ask for recommendations; DATA=DIR for your own folder
	@$(BIN)/python local_test/demo.py $(DATA)

test: setup ## run every test; the Docker ones where an engine answers
	@$(BIN)/python -m pytest

unit: setup ## run the tests that need neither Docker nor patience
	@$(BIN)/python -m pytest -m "not docker and not slow"

image: ## build the image kindred (linux/amd64, Docker manifest)
	docker buildx build --platform linux/amd64 --provenance=false --sbom=false --output type=docker --tag kindred .

local: image .venv-sdk2/.ready .venv-sdk3/.ready ## SageMaker's local mode, by SDK v2 and v3: fit, deploy, ask, transform, clean up
	.venv-sdk2/bin/python local_test/sdk_v2.py
	.venv-sdk3/bin/python local_test/sdk_v3.py

.venv-sdk%/.ready: locks/sdk%.txt
	$(PYTHON) -m venv .venv-sdk$*
	.venv-sdk$*/bin/python -m pip install --quiet --require-hashes -r $<
	.venv-sdk$*/bin/python -m pip install --quiet --no-deps --editable .
	@touch $@

.venv-schemas/.ready: locks/schemas.txt
	$(PYTHON) -m venv .venv-schemas
	.venv-schemas/bin/python -m pip install --quiet --require-hashes -r $<
	@touch $@

lint: setup ## ruff, mypy, import rules, shellcheck, hadolint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	git ls-files '*.sh' .ci/run | xargs $(BIN)/shellcheck
	$(BIN)/hadolint Dockerfile

bench: $(VENV)/.bench ## every benchmark beside its peers, tables into benchmarks/results; DATA=DIR
	$(BIN)/python -m benchmarks $(if $(filter-out sample,$(DATA)),--data $(DATA))

$(VENV)/.bench: $(VENV)/.ready locks/bench.txt
	$(BIN)/python -m pip install --quiet --require-hashes -r locks/bench.txt
	@touch $@

operator: .venv-operator/.ready ## make .venv-operator with the command kindred-aws (docs/8-operations.md)

.venv-operator/.ready: scripts/pyproject.toml locks/operator.txt
	$(PYTHON) -m venv .venv-operator
	.venv-operator/bin/python -m pip install --quiet --require-hashes -r locks/operator.txt
	.venv-operator/bin/python -m pip install --quiet --no-deps --editable . --editable scripts
	@touch $@
	@echo "next: .venv-operator/bin/kindred-aws --help"

standin: .venv-standin/.ready ## make .venv-standin, the stand-in AWS that the slow tests of scripts/ run against

.venv-standin/.ready: locks/standin.txt
	$(PYTHON) -m venv .venv-standin
	.venv-standin/bin/python -m pip install --quiet --require-hashes -r locks/standin.txt
	@touch $@

locks: ## resolve pyproject.toml into locks/ again
	scripts/lock.sh

clean: ## remove what make made
	rm -rf $(VENV) .venv-operator .venv-standin .venv-sdk2 .venv-sdk3 .venv-schemas .venv-peers build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
