"""``python -m bench.measured FILE COMMAND…``: the real command ``observatory COMMAND…``, and what it cost this process.

The cost is written to the file by the process itself as it ends.
"""

import json
import sys
from pathlib import Path

from bench.own_cost import usage
from electrum_observatory.cli.main import run


def main() -> None:
    """Run the command, write the cost, and end as the command ended."""
    try:
        run(sys.argv[2:])
    finally:
        Path(sys.argv[1]).write_text(json.dumps(usage()), encoding="utf-8")


if __name__ == "__main__":
    main()
