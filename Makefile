# `make run` starts the bot, `make test` proves it. Both need python3 (3.11 or newer), make and a
# package index, and make what else they need in .venv.

UV_VERSION := 0.13.9
PYTHON := $(shell for p in python3 python3.15 python3.14 python3.13 python3.12 python3.11; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	2>/dev/null && { echo $$p; break; }; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: run setup test pytest coverage fuzz mutants interop lint types format lock screenshots screens clean

run: .venv/.run
	@$(BIN)/python -m bot run

# Only set up: for whoever starts it by other means. `make setup EXTRAS=postgres`.
setup:
	@rm -f .venv/.run
	@$(MAKE) --no-print-directory .venv/.run
	@$(BIN)/python -m compileall -qq .venv/lib || true  # some packages bring files that are no Python
	@$(BIN)/python -m compileall -q bot storage

# Side by side: tests wait for pauses and time-outs, and the type checker for nobody.
test: .venv/.test
	@$(MAKE) --no-print-directory --jobs=2 pytest lint types

# What Python compiles is kept even where the environment says otherwise: each worker and each of
# some hundred commands that the tests start would compile it anew.
pytest: .venv/.compiled
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest -n 6 --dist worksteal

# Once after the set-up, and not by all workers at the same time.
.venv/.compiled: .venv/.test
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest --collect-only -q >/dev/null || true
	@touch $@

# The same tests, nearly twice as slow: Python before 3.14 cannot count branches cheaply.
coverage: .venv/.test
	@$(BIN)/python -m pytest -n 4 --dist worksteal --cov --cov-report=term:skip-covered

# What hypothesis invents, anew in every run, and much more of it.
fuzz: .venv/.test
	@$(BIN)/python -m pytest -n 2 --dist worksteal -m hypothesis --hypothesis-profile=fuzz

# Changes one thing at a time where a promise is kept, and looks whether a test notices: half an
# hour. `make mutants MODULES="storage.outbox bot.push.send"` for some of the modules.
mutants: .venv/.test
	@rm -rf mutants
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/mutmut run --max-children 2 $(MODULES:%='%.*')
	@$(BIN)/python -m tests.mutants

# Other people's programs read what leaves the bot: LaTeX, BibTeX, RIS and feed readers, GitHub's.
interop: .venv/.interop
	@$(BIN)/python -m tests.interop

lint: .venv/.test
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports --no-logo --no-cache

types: .venv/.test
	@$(BIN)/mypy

format: .venv/.test
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

# The lock holds names, versions and hashes, but no addresses: every machine installs from the
# package index that its own pip is set up for, and the hashes make sure it is the same.
lock: .venv/.uv
	@$(BIN)/uv lock --upgrade
	@sed -E 's#source = \{ registry = "[^"]*" \}#source = { registry = "packages" }#; s#url = "[^"]*/([^/"]+)"#path = "\1"#' uv.lock > uv.lock.new
	@mv uv.lock.new uv.lock

# The pictures in docs/images; they need Debian's chromium, chromium-driver and fonts-noto-cjk.
screenshots: .venv/.test
	@$(BIN)/python docs/screenshots.py
	@$(BIN)/python docs/styles.py
	@$(BIN)/python docs/weeks.py

screens: .venv/.test
	@$(BIN)/python docs/screens.py

clean:
	rm -rf .venv mutants .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage*

.venv/.uv:
	@test -n "$(PYTHON)" || { echo 'Paperboy needs Python 3.11 or newer: install it, then run make again.'; exit 1; }
	@echo 'Setting up .venv (once) ...'
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo 'Python cannot make virtual environments: on Debian and Ubuntu, apt install python3-venv.'; exit 1; }
	@$(PIP) install uv==$(UV_VERSION)
	@touch $@

.venv/.run: .venv/.uv uv.lock pyproject.toml
	@echo 'Installing what Paperboy runs on ...'
	@$(BIN)/uv export --frozen --quiet --no-emit-project --no-dev --extra ranking \
		$(EXTRAS:%=--extra %) \
		--output-file .venv/run.txt
	@$(PIP) install --require-hashes --no-deps --requirement .venv/run.txt
	@$(PIP) install --no-deps --editable .
	@touch $@

# All at once, and uncompiled: of 9,000 modules the tests import a few hundred.
.venv/.test: .venv/.uv uv.lock pyproject.toml
	@echo 'Installing what Paperboy and its tests need ...'
	@$(BIN)/uv export --frozen --quiet --no-emit-project --extra ranking \
		--output-file .venv/test.txt
	@$(PIP) install --no-compile --no-deps --editable . & \
	$(PIP) install --no-compile --require-hashes --no-deps --requirement .venv/test.txt && wait $$!
	@touch .venv/.run $@

.venv/.interop: .venv/.test
	@$(BIN)/uv export --frozen --quiet --no-emit-project --only-group interop \
		--output-file .venv/interop.txt
	@$(PIP) install --require-hashes --no-deps --requirement .venv/interop.txt
	@touch $@
