"""Country codes in words."""

from functools import cache
from importlib.resources import files


def country_name(code: str | None) -> str | None:
    """Return the English name of an ISO 3166-1 alpha-2 code; the code itself where it has none, None for None."""
    return None if code is None else _names().get(code.upper(), code)


@cache
def _names() -> dict[str, str]:
    text = files("electrum_observatory.report").joinpath("data", "countries.tsv").read_text(encoding="utf-8")
    lines = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return {line[0]: line[1] for line in lines}
