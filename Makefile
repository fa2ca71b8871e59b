# Every target sets itself up in .venv, works alone and twice, and leaves the system's Python alone.

VENV ?= .venv
BIN := $(VENV)/bin
OUT ?= out
PYTEST_ARGS ?=
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$p && break; done)

.DEFAULT_GOAL := help
.PHONY: help setup run test check bench derivations clean
.DELETE_ON_ERROR:

help:  ## Show this text.
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|' 2>/dev/null \
	|| sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1 - \2/p' $(MAKEFILE_LIST)

setup: $(VENV)/ready-dev-pdf-plot  ## Install everything for working on it into .venv.

run: $(VENV)/ready-core  ## Derive, prove, compile and compare the default network; handout in out/.
	$(BIN)/symbackprop --output $(OUT) --force

test: $(VENV)/ready-test-pdf-plot  ## Run the tests.
	$(BIN)/python -m pytest -n 2 $(PYTEST_ARGS)

check: $(VENV)/ready-dev  ## Look at style, types and who imports whom.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/ready-$(if $(PEERS),bench,core)  ## Print the table of times; PEERS=1: beside other libraries.
	$(BIN)/python benchmarks/run.py $(if $(PEERS),--peers)

derivations: $(VENV)/ready-core  ## Write derivations/ anew.
	$(BIN)/python derivations/generate.py

clean:  ## Remove .venv, out/ and every cache.
	rm -rf $(VENV) $(OUT) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	rm -rf .hypothesis mutants *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# ready-A-B: installed with the extras A and B; made anew when the dependencies may have changed.
comma := ,
$(VENV)/ready-%: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--editable '.$(if $(filter-out core,$*),[$(subst -,$(comma),$*)])'
	@touch $@

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; install it, or name it: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make a virtual environment; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
