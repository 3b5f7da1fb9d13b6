"""Run a scan: the same as `observatory scan`, for people who look for a script here."""

import sys

from electrum_observatory.cli.main import run

if __name__ == "__main__":
    sys.argv[1:1] = ["scan"]
    run()
