# make run | test | check | docs | bench-NAME
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: run test check docs messages lock clean

run: .venv/.run  ## set up and run the demonstration on http://127.0.0.1:8052
	$(BIN)/counterspam demo

test: $(READY)  ## set up and run the tests
	$(BIN)/python -m pytest --ignore=tests/measure --ignore=tests/store --ignore=tests/test_node.py --ignore=tests/browser
	$(BIN)/python -m pytest tests/measure  # the embedded engine takes one folder per process
	$(BIN)/python -m pytest tests/store
	$(BIN)/python -m pytest tests/test_node.py
	$(BIN)/python -m pytest tests/browser  # Chromium and a node of its own; skips where there is no Chromium

check: $(READY)  ## lint, format, types, generated documentation
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python docs/generate.py --check
	$(BIN)/python docs/translate.py --check

docs: $(READY)  ## write the generated parts of docs/
	$(BIN)/python docs/generate.py

messages: $(READY)  ## take the messages of the pages into the catalogues of src/counterspam/web/locale
	$(BIN)/python docs/translate.py

bench-%: $(READY)  ## run one benchmark of bench/
	$(BIN)/python -m bench.$*

lock:  ## resolve the dependencies again
	uv pip compile pyproject.toml --extra postgres --group build --universal --generate-hashes --no-emit-index-url --no-header -o requirements.lock
	uv pip compile pyproject.toml --extra postgres --group build --group dev --universal --generate-hashes --no-emit-index-url --no-header -o requirements-dev.lock

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "counterspam needs Python 3.11 or later")'
	$(PYTHON) -m venv .venv

.venv/.run: requirements.lock pyproject.toml | .venv/bin/python
	$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

$(READY): requirements-dev.lock pyproject.toml | .venv/bin/python
	$(BIN)/pip install --quiet --require-hashes -r requirements-dev.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	touch $@ .venv/.run

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
