# Each target makes the environment it needs in .venv; the plain commands are in CONTRIBUTING.md.
PYTHON ?= python3
SCENARIOS ?= nv_delft ion_sr88_ca43 eu_yso

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input -qq
LOCK := --constraint constraints.txt --build-constraint constraints.txt

# One word on $(PYTHON), old or new: "ok", "old", "bare" (cannot make an environment), or nothing where there is no such command.
probe = $(shell $(PYTHON) -c 'import sys; print("old" if sys.version_info < (3, 11) else "ok" if all(map(__import__("importlib.util").util.find_spec, ("venv", "ensurepip"))) else "bare")' 2>/dev/null)
problem_ = PYTHON=$(PYTHON) is not a Python that runs
problem_old = PYTHON=$(PYTHON) is $(shell $(PYTHON) --version 2>&1), and qnet-engine needs 3.11 or newer
problem_bare = PYTHON=$(PYTHON) has no venv module (on Debian and Ubuntu it is the package python3-venv)
need_python = $(if $(problem_$(probe)),$(error $(problem_$(probe)); name another one as in `make test PYTHON=python3.12`))

.DEFAULT_GOAL := help
.NOTPARALLEL:
.SUFFIXES:
.DELETE_ON_ERROR:
.PHONY: help demo test test-slow check bench bench-smoke notebooks clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

demo: .venv/.stamp-test  ## fidelity against distance for three platforms: data and figures in results/
	@echo "demo: fidelity and rate against distance for $(SCENARIOS), written to results/"
	@for scenario in $(SCENARIOS); do $(BIN)/qnet curve "$$scenario" --output results || exit 1; done

test: .venv/.stamp-test  ## the tests with compiled kernels, then the kernel tests as plain Python
	@echo "test: the whole suite with compiled kernels, then the kernel tests without the compiler"
	$(BIN)/python -m pytest -m "not slow"
	NUMBA_DISABLE_JIT=1 $(BIN)/python -m pytest tests/kernels -q

test-slow: .venv/.stamp-test  ## the tests that sample for long: a hundred random chains
	$(BIN)/python -m pytest -m slow tests

check: .venv/.stamp-dev  ## lint, format, types and the import rules
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

bench: .venv/.stamp-bench  ## the benchmarks in full, against their peers: JSON and a table in results/
	@mkdir -p results
	$(BIN)/python -m pytest benchmarks --benchmark-json results/benchmarks.json
	$(BIN)/python benchmarks/report.py results/benchmarks.json | tee results/benchmarks.md

bench-smoke: .venv/.stamp-bench  ## each benchmark once, in small: do they still run?
	QNET_BENCH_SMOKE=1 $(BIN)/python -m pytest benchmarks --benchmark-disable -q

notebooks: .venv/.stamp-notebooks  ## execute every notebook
	$(BIN)/python -m pytest --nbmake notebooks

clean:  ## remove .venv and all caches; results/ stays
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .benchmarks
	find . -name __pycache__ -prune -exec rm -rf {} +

# Stamps of an environment whose Python has gone say nothing.
$(shell test -x .venv/bin/python || rm -f .venv/.stamp-*)

# The environment: pip in the locked version, then the package with what its tests need, then other groups on demand.
.venv/bin/python:
	$(need_python)
	@echo "Making .venv with $(PYTHON)"
	@$(PYTHON) -m venv --clear .venv

.venv/.stamp-pip: constraints.txt | .venv/bin/python
	@$(PIP) install --constraint constraints.txt --upgrade pip
	@touch $@

.venv/.stamp-test: .venv/.stamp-pip pyproject.toml
	@echo "Installing qnet-engine and its test tools into .venv (once, about a minute)"
	@$(PIP) install $(LOCK) --editable . --group test
	@touch $@

.venv/.stamp-%: .venv/.stamp-test
	@echo "Installing the tools of the group \"$*\" into .venv (once)"
	@$(PIP) install $(LOCK) --group $*
	@touch $@
