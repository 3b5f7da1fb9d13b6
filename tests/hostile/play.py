"""See what a scan of one act records, with or without a defence.

python -m tests.hostile.play never_ending_line
python -m tests.hostile.play never_ending_line --without line_cap
"""

import argparse
import sys

import msgspec

from tests.hostile.case import judged
from tests.hostile.cases import CASES
from tests.hostile.defences import DEFENCES
from tests.hostile.stage import running_stage


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("act", choices=sorted(CASES))
    parser.add_argument("--without", choices=sorted(DEFENCES), action="append", default=[])
    chosen = parser.parse_args()
    case = CASES[chosen.act]
    with running_stage() as stage:
        record = stage.scan(case, without=chosen.without)
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n")
    judged(case, record)


if __name__ == "__main__":
    main()
