#!/usr/bin/env python3
"""Ask the servers you name (or the bundled list) with the fingerprinting profile, and follow nobody's hearsay."""

import sys

try:
    from electrum_observatory.cli.main import run
except ModuleNotFoundError as error:
    sys.exit(f"{error}: run it with .venv/bin/python (`make setup` makes it)")

if __name__ == "__main__":
    run(["scan", "--profile", "fingerprinting", *sys.argv[1:]])
