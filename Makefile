# Every target makes what it needs: `make claims` on a fresh machine sets up .venv first.
#   make claims                                desk scale, all cores
#   make claims ARGS="--scale quick -k noisy"  arguments go on to pytest
#   make setup TORCH=cuda                      the CUDA build of torch instead of the CPU one
#   make gpu TORCH=cuda                        the whole programme on a card

PYTHON ?= python3
TORCH ?= cpu
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
TORCH_VERSION := $(shell sed -n 's/^torch==//p' constraints.txt)

.PHONY: setup claims quick gpu test sabotage lint bench calibration pilot report clean
.DELETE_ON_ERROR:

setup: $(VENV)/.ready-dev

claims: $(VENV)/.ready
	$(BIN)/python -m pytest claims/ -n auto $(ARGS)

quick: $(VENV)/.ready
	$(BIN)/python -m pytest claims/ -n auto --scale quick --report-dir reports/out/quick $(ARGS)

# on a CUDA card: smoke test, benchmark, studies, claims; goes on where an earlier call ended
gpu: $(VENV)/.ready
	$(BIN)/claims programme --out programme --minutes 600 $(ARGS)

test: $(VENV)/.ready-dev
	$(BIN)/python -m pytest tests/ -n auto $(ARGS)

# every planted fault must turn a test or a verdict; about 15 minutes on two cores
sabotage: $(VENV)/.ready-dev
	$(BIN)/python tests/sabotage/run_sabotage.py $(ARGS)

lint: $(VENV)/.ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.ready
	$(BIN)/python -m models.benchmark $(ARGS)

calibration: $(VENV)/.ready
	$(BIN)/python -m harness.calibration $(ARGS)

pilot: $(VENV)/.ready
	$(BIN)/python -m models.pilot $(ARGS)

report: $(VENV)/.ready
	$(BIN)/claims report reports/out/verdicts.json $(ARGS)

# what a card has trained is in .claims and programme, and stays
clean:
	rm -rf $(VENV) reports/out

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { \
	  echo "make: got no $(PYTHON); expected Python 3.11 or later; install it, or set PYTHON=..."; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "make: got $$($(PYTHON) --version); expected Python 3.11 or later; set PYTHON=python3.12, say"; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "make: $(PYTHON) cannot make a virtual environment; install its venv package (Debian, Ubuntu: apt install python3-venv)"; exit 2; }

# A CPU build is a tenth of the CUDA build's size. Where pip finds none, the registry's own build serves.
$(VENV)/.torch-$(TORCH): constraints.txt | $(BIN)/python
	@echo "installing torch $(TORCH_VERSION) ($(TORCH) build)"
ifeq ($(TORCH),cpu)
	@$(PIP) install "torch==$(TORCH_VERSION)+cpu" 2>/dev/null || { \
	  echo "make: pip finds no CPU build (add PyTorch's CPU index to PIP_EXTRA_INDEX_URL to save gigabytes); taking the default one"; \
	  $(PIP) install "torch==$(TORCH_VERSION)"; }
else ifeq ($(TORCH),cuda)
	@$(PIP) install "torch==$(TORCH_VERSION)"
else
	$(error TORCH: got $(TORCH); expected cpu or cuda)
endif
	@rm -f $(VENV)/.torch-*; touch $@

$(VENV)/.ready: pyproject.toml constraints.txt $(VENV)/.torch-$(TORCH)
	@echo "installing the project"
	@$(PIP) install -c constraints.txt -e .
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready
	@echo "installing the development tools"
	@$(PIP) install -c constraints.txt -e ".[dev]"
	@touch $@
