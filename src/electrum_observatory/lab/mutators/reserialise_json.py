"""A relay that reads every line and writes it anew, as its own JSON library does."""

import json
from collections.abc import Callable, Mapping
from decimal import Decimal

from electrum_observatory.lab.chance import uniform
from electrum_observatory.lab.mutators.base import Mutator, MutatorKind, Visit
from electrum_observatory.model.observation import Json

_HTML = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})
_PLAIN_FROM = 1e-6


def python(value: Json) -> str:
    """Write as Python's ``json.dumps`` does by default: spaced, escaped, keys in their order."""
    return json.dumps(value)


def node(value: Json) -> str:
    """Write as ``JSON.stringify`` does: compact, raw UTF-8, keys in their order, ``0.00001``, no ``.0``."""
    return _compact(value, list)


def go(value: Json) -> str:
    """Write as Go's ``encoding/json`` writes a map: compact, sorted keys, HTML escaped."""
    return _compact(value, sorted).translate(_HTML)


HANDS: Mapping[str, Callable[[Json], str]] = {"python": python, "node": node, "go": go}
"""What may stand as the ``text`` of this mutator."""


def _compact(value: Json, keys: Callable[[dict[str, Json]], list[str]]) -> str:
    if isinstance(value, dict):
        members = (f"{_compact(key, keys)}:{_compact(value[key], keys)}" for key in keys(value))
        return "{" + ",".join(members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_compact(element, keys) for element in value) + "]"
    if isinstance(value, float):
        return _number(value)
    return json.dumps(value, ensure_ascii=False)


def _number(value: float) -> str:
    if value.is_integer():
        return str(int(value))
    if abs(value) >= _PLAIN_FROM:
        return format(Decimal(repr(value)), "f")
    return repr(value).replace("e-0", "e-")


class ReserialiseJson(Mutator):
    """Lines that are no JSON pass as they are; padding and line ends are the relay's own (none, LF)."""

    def rewrites(self, visit: Visit) -> bool:
        """Say whether this connection goes through the relay."""
        return uniform(self.place.seed, "relay", self.place.machine, visit.number) < self.place.dose

    def text(self, line: bytes, visit: Visit) -> bytes:
        """Write the line anew."""
        if not self.rewrites(visit):
            return line
        try:
            return HANDS[self._hand()](json.loads(line)).encode()
        except ValueError:
            return line

    def _hand(self) -> str:
        """Return the hand that was asked for, or one that nobody takes for the program's."""
        return self.place.text or ("go" if self.place.personality.startswith("electrumx") else "python")


KIND = MutatorKind(
    id="reserialise_json",
    summary="A relay that reads each line and writes it anew (`text`: python, node or go).",
    dose_is="Share of the connections that go through it.",
    make=ReserialiseJson,
)
