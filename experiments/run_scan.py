#!/usr/bin/env python3
"""Run a scan: the same as `observatory scan`, for people who look for a script here."""

import sys

try:
    from electrum_observatory.cli.main import run
except ModuleNotFoundError as error:
    sys.exit(f"{error}: run it with .venv/bin/python (`make setup` makes it)")

if __name__ == "__main__":
    run(["scan", *sys.argv[1:]])
