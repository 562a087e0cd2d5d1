# Two commands do everything on a machine with Python 3.11+ and make: `make demo` and `make test`.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: demo test safety accessibility install lint clean conformance bench-validate bench-map bench-stream

demo: $(VENV)/.demo
	$(BIN)/interop demo

test: install lint
	$(BIN)/pytest -n 2 --dist loadfile

lint: install
	$(BIN)/ruff check interop tests
	$(BIN)/ruff format --check interop tests
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

install: $(VENV)/.installed

$(VENV)/bin/pip:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: pyproject.toml | $(VENV)/bin/pip
	@echo "installing interop into $(VENV) …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.installed: pyproject.toml | $(VENV)/bin/pip
	@echo "installing interop and what its tests need into $(VENV) …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@ $(VENV)/.demo

# The tests that the hazard log (SAFETY.md) names as proof of its controls.
safety: install
	$(BIN)/pytest -n 2 --dist loadfile $$(grep -o 'tests/[a-z0-9_/]*\.py::test_[a-z0-9_]*' SAFETY.md | sort -u)

# Every page of every document in every setting, in a real browser (`make test` takes one record of each mapping).
accessibility: install
	INTEROP_EVERY_PAGE=1 $(BIN)/pytest tests/scenarios/test_accessible_pages.py

# HL7's own suites, where they stand beside the repository: the whole tables (`make test` holds their floor).
SUITES ?= ../shared/conformance

conformance: install
	PYTHONPATH=. $(BIN)/python $(SUITES)/score.py --python-api tests.conformance.adapter:validate
	PYTHONPATH=. $(BIN)/python $(SUITES)/fhirpath/score.py --python-api tests.conformance.adapter:evaluate
	$(BIN)/python -m tests.conformance.tables

# Installs the peers it can (npm, Maven) below build/ and measures them and us in one run. BENCH='--rounds 9 ...'
bench-validate: install
	$(BIN)/python tests/benchmarks/validate/bench.py $(BENCH)

# Mapping beside plain Python, Jinja2, python-liquid, jsonata-python and fpml, in one run.
bench-map: install
	$(BIN)/python tests/benchmarks/map/bench.py $(BENCH)

# A CSV of a million rows: memory, rate, and a run that is killed and resumed.
bench-stream: install
	$(BIN)/python tests/benchmarks/stream/bench.py $(BENCH)

clean:
	rm -rf $(VENV) demo-output dist build .mypy_cache .ruff_cache .pytest_cache
