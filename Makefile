# Two commands for a newcomer: `make demo` and `make test`. Both make their environment on first use and are quick later.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test lint docs bench clean

demo: $(STAMP)
	$(BIN)/peerwatch fetch
	$(BIN)/peerwatch run --minutes 13

test: $(STAMP)
	$(BIN)/pytest -n 2 --dist loadfile

lint: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright

docs: $(STAMP)
	$(BIN)/zensical build --strict

bench: $(STAMP)
	$(BIN)/python benchmarks/worlds.py --json
	$(BIN)/python benchmarks/episodes.py --json

clean:
	rm -rf $(VENV) site

# The lock file holds every version; an environment is made again when what is asked for has changed.
$(STAMP): pyproject.toml requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --progress-bar off \
		--constraint requirements.lock --editable '.[local]' --group dev
	touch $@
