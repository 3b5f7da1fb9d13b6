"""Which autonomous systems belong to hosting companies, as a table of numbers (``data/cloud_asns.csv``).

Keyed on the number, never on the name, which changes and is spelled in many ways. An AS says who announces an
address, not who runs the machine behind it; and a system that is not listed is *unknown*, not residential.
"""

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

_TABLE = Path(__file__).with_name("data") / "cloud_asns.csv"


def cloud_provider(asn: int | None) -> str | None:
    """Return the hosting company whose network this is, or None: not known to be a hoster."""
    return None if asn is None else cloud_asns().get(asn)


@cache
def cloud_asns() -> Mapping[int, str]:
    """Return every AS number that we take for a hosting company's, with the company's short name."""
    with _TABLE.open(encoding="utf-8", newline="") as file:
        return MappingProxyType({int(row["asn"]): row["provider"] for row in csv.DictReader(file)})
