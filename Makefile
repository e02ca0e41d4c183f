# Two commands for a newcomer: `make demo` and `make test`. Both make their environment on first use and are quick later.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
SYNC := UV_PROJECT_ENVIRONMENT=$(VENV) $(BIN)/uv sync --quiet --frozen --inexact --compile-bytecode --extra local --extra netns --extra potter2026

# Tests that need real machines, of Peerwatch and of its sandbox, which use the same root file system.
ON_MACHINES := tests/machines packages/inspect-netns/tests/machines
ROOTFS ?= $(or $(PEERWATCH_ROOTFS),$(HOME)/.cache/peerwatch/rootfs)

# Some images switch bytecode off: every process of the tests would compile all of the code anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test scanner ray provision machines docker lint docs bench sbom notices clean

demo: $(VENV)/.user
	$(BIN)/peerwatch setup model
	$(BIN)/peerwatch demo

# Three processes on two cores: some tests only wait, for a slow provider or a killed run.
test: $(VENV)/.test
	$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder

# Inspect loads what is installed beside it, and Scout takes seconds to load: its scanner, and monitors of other libraries,
# have an environment of their own.
scanner: $(VENV)/.test
	UV_PROJECT_ENVIRONMENT=$(VENV)-scout $(BIN)/uv sync --quiet --frozen --no-default-groups --group test --group lint --extra scout --extra sentinel
	$(VENV)-scout/bin/pytest tests/test_judges_scanner.py tests/test_monitor_adapters.py
	$(VENV)-scout/bin/pyright --pythonpath $(VENV)-scout/bin/python src/peerwatch/judging/scout.py tests/test_judges_scanner.py tests/test_monitor_adapters.py

# Ray takes 200 MB, and a cluster on this machine a minute to start: its tests have an environment of their own as well.
ray: $(VENV)/.test
	UV_PROJECT_ENVIRONMENT=$(VENV)-ray $(BIN)/uv sync --quiet --frozen --no-default-groups --group test --extra ray
	$(VENV)-ray/bin/pytest tests/test_ray.py

# Real coding agents on real machines. Their environment is their own as well: Inspect loads inspect_swe at every start.
provision: $(VENV)-shells/.made
	$(VENV)-shells/bin/peerwatch setup rootfs $(if $(ARCHIVE),--archive $(ARCHIVE))
	$(VENV)-shells/bin/peerwatch setup agents

machines: provision
	INSPECT_NETNS_ROOTFS=$(ROOTFS) $(VENV)-shells/bin/pytest -n 2 --dist loadfile --no-loadscope-reorder $(AGAIN) $(ON_MACHINES) \
		tests/test_tested_versions.py::test_each_private_name_of_inspect_swe_exists
	$(VENV)-shells/bin/pyright --pythonpath $(VENV)-shells/bin/python src/peerwatch/sandboxes src/peerwatch/agents/coding tests/machines

# The same machines in Docker; `peerwatch setup image` makes the image.
docker: $(VENV)-shells/.made
	$(VENV)-shells/bin/pytest tests/docker

lint: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/inspect-evals-lint peerwatch --output-format markdown

docs: $(VENV)/.dev
	$(BIN)/zensical build --clean

bench: $(VENV)/.test
	$(BIN)/python benchmarks/worlds.py --json
	$(BIN)/python benchmarks/episodes.py --json
	$(BIN)/python benchmarks/sequential.py --json
	$(BIN)/python benchmarks/conclusions.py --json
	$(BIN)/python benchmarks/report.py --json
	PYTHONPATH=. $(BIN)/python benchmarks/throughput.py --json

sbom: $(VENV)/.uv
	.ci/sbom

# What all extras bring; an environment of its own, thrown away.
notices: $(VENV)/.uv
	UV_PROJECT_ENVIRONMENT=$(VENV)-all $(BIN)/uv sync --quiet --frozen --all-extras --no-default-groups
	$(VENV)-all/bin/python .ci/notices.py > THIRD_PARTY_NOTICES.md
	rm -rf $(VENV)-all

clean:
	rm -rf $(VENV) $(VENV)-scout $(VENV)-ray $(VENV)-shells site

# Every version comes from uv.lock; the environment is made up to date when what is asked for has changed.
$(VENV)/.uv: .ci/uv.txt
	@echo "Making the environment in $(VENV) ..."
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is needed: apt-get install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --progress-bar off --require-hashes -r .ci/uv.txt
	@touch $@

$(VENV)/.user: $(VENV)/.uv pyproject.toml uv.lock
	@echo "Installing ..."
	@$(SYNC) --no-default-groups
	@touch $@

$(VENV)/.test: $(VENV)/.uv pyproject.toml uv.lock
	@echo "Installing ..."
	@$(SYNC) --no-default-groups --group test --group browser
	@touch $@

$(VENV)-shells/.made: $(VENV)/.uv pyproject.toml uv.lock
	@echo "Installing ..."
	@UV_PROJECT_ENVIRONMENT=$(VENV)-shells $(BIN)/uv sync --quiet --frozen --compile-bytecode --extra shells --extra netns \
		--no-default-groups --group test --group lint
	@touch $@

$(VENV)/.dev: $(VENV)/.uv pyproject.toml uv.lock
	@echo "Installing ..."
	@$(SYNC) --no-default-groups --group dev
	@touch $@
