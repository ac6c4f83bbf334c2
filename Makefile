# make run: set up and open the chat page · make test: set up, lint, types, tests · see README.md
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
PORT ?= 7860
# Where pip finds torch, e.g. TORCH_INDEX=https://download.pytorch.org/whl/cpu for the CPU build.
TORCH_INDEX ?=
ENCODER := var/models/all-MiniLM-L6-v2.onnx
export PYTHONPATH := .

.PHONY: run test check eval bench setup lint clean

run: setup
	$(PY) -m assistant index
	ASSISTANT_PORT=$(PORT) $(PY) app.py

setup: $(VENV)/.installed $(ENCODER)

$(VENV)/.installed: constraints.txt pyproject.toml
	@echo "Installing into $(VENV) (a few minutes the first time)"
	test -x $(PY) || $(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --upgrade pip==25.3 || true
	$(if $(TORCH_INDEX),PIP_INDEX_URL=$(TORCH_INDEX)) $(PY) -m pip install --quiet -c constraints.txt torch
	$(PY) -m pip install --quiet -c constraints.txt -e ".[test]"
	touch $@

$(ENCODER): $(VENV)/.installed
	@echo "Exporting the sentence encoder"
	$(PY) -m assistant.training.export $@
	touch $@

lint: setup
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy

test: lint
	$(PY) -m eval run --set smoke --runs var/smoke && $(PY) -m eval gate --runs var/smoke
	$(PY) -m pytest -m "not check"

check: setup
	$(PY) -m pytest -m check tests
	$(PY) -m eval mutants
	$(MAKE) eval

eval: setup
	$(PY) -m eval run

bench: setup
	$(PY) -m eval.speed

clean:
	rm -rf $(VENV) var
