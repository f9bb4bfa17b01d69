# make demo    install unstuck with one backend, and let it look at a network that does not train
# make test    install everything, and run the tests on JAX, TensorFlow and PyTorch
# make lint    format, lint and types
# make bench   what watching costs, measured on this machine
# make clinic  let unstuck judge scripts with a known truth, and write docs/clinic.md; what was
#              measured is kept. CLINIC="--cured --backend all" runs every backend
#
# PYTHON names the interpreter (3.11 or newer), VENV the environment to make.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
CLINIC ?= --cured
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: help demo test lint bench clinic
.DELETE_ON_ERROR:

help:
	@sed -n 's/^# \{0,1\}//p;/^$$/q' Makefile

demo: $(VENV)/.demo
	@mkdir -p demo && rm -f demo/report.html
	KERAS_BACKEND=jax $(BIN)/unstuck run --fail-on never --html demo/report.html examples/train_weather.py
	@test -s demo/report.html
	@echo && echo "The report is a page: open $(CURDIR)/demo/report.html in a browser."

test: $(VENV)/.test
	@$(BIN)/python tests/run_backends.py

lint: $(VENV)/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy --strict src

bench: $(VENV)/.test
	@for script in benchmarks/*.py; do echo "== $$script" && $(BIN)/python "$$script" || exit 1; done

clinic: $(VENV)/.test
	@$(BIN)/python clinic/check.py $(CLINIC) --write docs/clinic.md

$(VENV)/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo >&2 \
	"unstuck needs Python 3.11 or newer, and '$(PYTHON)' is not; try: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)

# The package goes in without build isolation, so that its build tool is pinned too.
$(VENV)/.demo $(VENV)/.test: $(VENV)/.%: requirements/%.txt pyproject.toml | $(VENV)/pyvenv.cfg
	@echo "Installing requirements/$*.txt into $(VENV); the first time this takes minutes."
	@$(INSTALL) -r requirements/$*.txt
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@
