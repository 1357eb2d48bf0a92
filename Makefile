# `make demo` and `make test` do all their own set-up, in .venv; nothing else is touched.
# On Debian as root, the few system packages that are missing are installed; elsewhere they are named.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready

.PHONY: demo test slow lint bench fuzz accuracy clean lock setup sample

demo: setup
	@"$(BIN)/storage-harness" demo

test: setup lint
	@"$(BIN)/python" -m pytest -q -n 2 -m "not slow"

slow: setup
	@"$(BIN)/python" -m pytest -q -m slow

lint: setup
	@"$(BIN)/ruff" check .
	@"$(BIN)/ruff" format --check --quiet .
	@"$(BIN)/mypy"
	@"$(BIN)/lint-imports" --no-cache

bench: setup
	@"$(BIN)/python" -m benchmarks

# Each parser on damaged and hostile files, for a minute (SECONDS=5: for five seconds). Guided by coverage where atheris
# is installed, which is not locked: `.venv/bin/pip install atheris`.
SECONDS ?= 60
fuzz: setup
	@"$(BIN)/python" -m benchmarks.fuzz --seconds $(SECONDS)

# What decoding gives back of files whose truth is known; the table goes into docs/accuracy.md.
accuracy: setup
	@"$(BIN)/python" -m benchmarks.accuracy --write

setup: $(STAMP)

# --require-hashes: what is installed is what was locked, byte for byte.
$(STAMP): requirements.lock pyproject.toml scripts/setup hatch_build.py harness/scan/kernel.c
	@scripts/setup "$(PYTHON)" "$(VENV)"
	@touch "$(STAMP)"

# Rewrites requirements.lock; run it after changing a dependency in pyproject.toml.
lock: setup
	@"$(BIN)/python" -m pip install --quiet uv
	@"$(BIN)/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--extra dev pyproject.toml -o requirements.lock

# Rebuilds the committed sample report; a test compares.
sample: setup
	@"$(BIN)/python" reports/build_sample.py

# Leaves your reports, in reports/. A pre-commit hook needs `make setup` again.
clean:
	@rm -rf "$(VENV)" build dist *.egg-info .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis \
		.import_linter_cache .coverage .coverage.*
	@find harness tests benchmarks reports -name __pycache__ -prune -exec rm -rf {} +
