"""Ask the named servers with the fingerprinting profile: `observatory scan --profile fingerprinting`."""

import sys

from electrum_observatory.cli.main import run

if __name__ == "__main__":
    sys.argv[1:1] = ["scan", "--profile", "fingerprinting"]
    run()
