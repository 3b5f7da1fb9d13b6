#!/usr/bin/env python3
"""Ask servers how they behave: the same as `observatory fingerprint`, for people who look for a script here."""

import sys

try:
    from electrum_observatory.cli.main import run
except ModuleNotFoundError as error:
    sys.exit(f"{error}: run it with .venv/bin/python (`make setup` makes it)")

if __name__ == "__main__":
    run(["fingerprint", *sys.argv[1:]])
