"""Reading single members of a stored result. What has another type than documented counts as absent.

Results of our own probes always have the documented types; results of older versions and of imports may not.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from electrum_observatory.model.observation import Json


def text(result: Mapping[str, Json], name: str) -> str | None:
    """Return a text member, or None."""
    value = result.get(name)
    return value if isinstance(value, str) else None


def integer(result: Mapping[str, Json], name: str) -> int | None:
    """Return a whole number, or None."""
    value = result.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def number(result: Mapping[str, Json], name: str) -> float | None:
    """Return a number, or None."""
    value = result.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def boolean(result: Mapping[str, Json], name: str) -> bool | None:
    """Return true or false, or None."""
    value = result.get(name)
    return value if isinstance(value, bool) else None


def texts(result: Mapping[str, Json], name: str) -> tuple[str, ...]:
    """Return the texts of a list member; empty where there is none."""
    value = result.get(name)
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list | tuple) else ()


def numbers(result: Mapping[str, Json], name: str) -> tuple[float, ...]:
    """Return the numbers of a list member; empty where there is none."""
    value = result.get(name)
    listed = value if isinstance(value, list | tuple) else ()
    return tuple(float(item) for item in listed if isinstance(item, int | float) and not isinstance(item, bool))


def mappings(result: Mapping[str, Json], name: str) -> tuple[Mapping[str, Json], ...]:
    """Return the objects of a list member; empty where there is none."""
    value = result.get(name)
    return tuple(item for item in value if isinstance(item, Mapping)) if isinstance(value, list | tuple) else ()


def as_json(value: Json) -> str | None:
    """Return a value as compact JSON text with its order kept, or None for None."""
    if value is None:
        return None
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def iso_time(microseconds: int | None) -> str | None:
    """Return UTC microseconds since the epoch as ISO 8601 with ``Z``, whole seconds; None for None."""
    if microseconds is None:
        return None
    return datetime.fromtimestamp(microseconds // 1_000_000, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
