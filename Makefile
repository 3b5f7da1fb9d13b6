# The two commands of the README (demo, test), and what a developer needs besides. `make help` lists them.
# Each step leaves a stamp, so that a second call does only what its inputs ask for.

PYTHON ?= python3
FUZZ_SECONDS ?= 60
export PYTHON
# The tests and the lab start dozens of Python processes: let the first one's compiled modules serve the others.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory --jobs=4
STEP := requirements/build.txt pyproject.toml scripts/install | .boot/.ready
SERVERS := $(patsubst requirements/servers/%.txt,.tools/%/.ready,$(wildcard requirements/servers/*.txt))

.PHONY: help setup setup-core setup-test debian-packages demo test bench check fuzz lock clean

help: ## list the targets
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/  make \1\t\2/p' Makefile | expand -t 24

demo: setup ## the main job on the embedded network: discover, probe, store, tabulate, draw
	@.venv/bin/observatory demo

test: setup-test ## every test, the real servers included
	@.venv/bin/pytest $(PYTEST_ARGS)

bench: .venv/.ready-dev ## measure speed, memory and survival against a lab; BENCH_ARGS='silent --small' picks rows
	@.venv/bin/python -m bench $(BENCH_ARGS)

check: .venv/.ready-dev ## lint, types, import rules and contract tests
	@scripts/check

fuzz: .venv/.ready-dev ## look for inputs that break the codec, FUZZ_SECONDS=60 in all
	@.venv/bin/python -m fuzz lines -max_total_time=$$(($(FUZZ_SECONDS) * 2 / 3)) $(FUZZ_ARGS)
	@.venv/bin/python -m fuzz frames -max_total_time=$$(($(FUZZ_SECONDS) / 3)) $(FUZZ_ARGS)

setup: .venv/.ready-report ## .venv with the command .venv/bin/observatory and all that a report needs
	@:

setup-core: .venv/.ready-core ## the same with the core only: what a sensor needs
	@:

setup-test: .venv/.ready-dev $(SERVERS) debian-packages ## all that the tests need: Debian packages and real servers too
	@:

debian-packages: | .boot/.ready
	@sed 's/#.*//' requirements/debian.txt | xargs scripts/install-debian-packages

.boot/.ready: requirements/boot.txt scripts/bootstrap
	@scripts/bootstrap
	@touch $@

.venv/.ready-core: requirements/core.txt $(STEP)
.venv/.ready-report: requirements/report.txt $(STEP)
.venv/.ready-dev: requirements/dev.txt $(STEP)
.venv/.ready-%:
	@scripts/install $*
	@touch $@

.tools/%/.ready: requirements/servers/%.txt requirements/build.txt scripts/install-server | .boot/.ready
	@scripts/install-server $*
	@touch $@

lock: | .boot/.ready ## remake the requirement files; LOCK_ARGS=--upgrade takes newer versions
	@scripts/lock $(LOCK_ARGS)

clean: ## remove what set-up made; measured data stays
	rm -rf .venv .boot .tools
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
