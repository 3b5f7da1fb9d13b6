"""What changed about servers over a row of campaigns: upgrades, new keys, moves; each dated as well as it can be.

A change is dated by two looks: the last that saw the old and the first that saw the new. Campaigns that did not look,
or to which nobody answered, lie in between and say nothing; so no gap of ours turns into a change of theirs.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from electrum_observatory.analysis.services import addresses, by_service, shown_in_certificates, values
from electrum_observatory.datasets.servers import ServerRow
from electrum_observatory.datasets.tls import TlsRow


class EventKind(StrEnum):
    """What happened.

    Attributes:
        SOFTWARE: It calls its program something else: an upgrade, most of the time.
        RENEWED: Another certificate for the same key.
        REKEYED: Another key.
        MOVED: Its name leads to none of the addresses that it led to before.
    """

    SOFTWARE = "software"
    RENEWED = "renewed"
    REKEYED = "rekeyed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The tables of one campaign.

    Attributes:
        at_us: When it began, UTC microseconds.
        servers: Its table of servers.
        tls: Its table of certificates.
    """

    at_us: int
    servers: Sequence[ServerRow]
    tls: Sequence[TlsRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeEvent:
    """One change of one service, some time between two looks.

    Attributes:
        service: ``transport://host:port``.
        kind: See :class:`EventKind`.
        before: What it was, several values joined by "; ".
        after: What it became.
        after_us: UTC microseconds of the last campaign that saw the old.
        by_us: Of the first that saw the new.
    """

    service: str
    kind: EventKind
    before: str
    after: str
    after_us: int
    by_us: int


def events(looks: Sequence[Look]) -> tuple[LifeEvent, ...]:
    """Return every change, in the order of the looks that saw the new; looks are in order of time."""
    last: dict[tuple[str, str], tuple[int, frozenset[str]]] = {}
    found: list[LifeEvent] = []
    for look in looks:
        shown = {row.endpoint_id: row for row in look.tls}
        for service, rows in sorted(by_service(look.servers).items()):
            found += _changes(service, look.at_us, _facts(rows, shown), last)
    return tuple(found)


def _facts(rows: Sequence[ServerRow], shown: Mapping[str, TlsRow]) -> dict[str, frozenset[str]]:
    facts = {
        "software": values(rows, "software"),
        "address": addresses(rows),
        "certificate": shown_in_certificates(rows, shown, "certificate_sha256"),
        "key": shown_in_certificates(rows, shown, "spki_sha256"),
    }
    return {name: seen for name, seen in facts.items() if seen}


def _changes(
    service: str,
    at_us: int,
    facts: Mapping[str, frozenset[str]],
    last: dict[tuple[str, str], tuple[int, frozenset[str]]],
) -> Iterator[LifeEvent]:
    """Compare a service with the last look that recorded the same, and remember this one.

    Several values at once (a name with several addresses) count as the same while any of them stays.
    """
    changed = {name for name, seen in facts.items() if (service, name) in last and not seen & last[service, name][1]}
    for name in facts:
        kind = _kind(name, changed)
        if kind is not None:
            before_us, before = last[service, name]
            yield LifeEvent(
                service=service,
                kind=kind,
                before="; ".join(sorted(before)),
                after="; ".join(sorted(facts[name])),
                after_us=before_us,
                by_us=at_us,
            )
    last.update({(service, name): (at_us, seen) for name, seen in facts.items()})


def _kind(name: str, changed: set[str]) -> EventKind | None:
    if name not in changed or (name == "certificate" and "key" in changed):
        return None  # a new key brings a new certificate: one event, not two
    kinds = {"software": EventKind.SOFTWARE, "address": EventKind.MOVED, "key": EventKind.REKEYED}
    return kinds.get(name, EventKind.RENEWED)
