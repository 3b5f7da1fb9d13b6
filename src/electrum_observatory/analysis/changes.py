"""What differs between two campaigns: who came, who went, and what changed where both looked.

Compared by (host, port, transport), since a name may move to another address: that is a change, not a departure.
Only what both campaigns recorded can differ; what one of them did not look at is no change.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from electrum_observatory.analysis.services import addresses, by_service, shown_in_certificates, values
from electrum_observatory.datasets.servers import ServerRow
from electrum_observatory.datasets.tls import TlsRow
from electrum_observatory.model.failure import FailureKind, Side


class ChangeKind(StrEnum):
    """What happened to a service between two campaigns."""

    APPEARED = "appeared"  # looked at in the second only; the first did not know of it
    DISAPPEARED = "disappeared"  # the other way round
    CAME_UP = "came_up"
    WENT_DOWN = "went_down"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference.

    Attributes:
        service: ``transport://host:port``.
        kind: See :class:`ChangeKind`.
        field: The changed field; None unless the kind is ``changed``.
        before: Its value in the first campaign.
        after: Its value in the second.
    """

    service: str
    kind: ChangeKind
    field: str | None = None
    before: str | None = None
    after: str | None = None


_FIELDS = (
    "software",
    "protocol",
    "protocol_max",
    "genesis_hash",
    "banner",
    "donation_address",
    "features_hosts",
    "relay_fee_text",
)
_TLS_FIELDS = ("certificate_sha256", "spki_sha256")


def changes(
    before: Sequence[ServerRow],
    after: Sequence[ServerRow],
    *,
    tls_before: Iterable[TlsRow] = (),
    tls_after: Iterable[TlsRow] = (),
) -> tuple[Change, ...]:
    """Compare the tables of two campaigns; ordered by service, then by field."""
    first, second, unseen = by_service(before), by_service(after), set(not_compared(before, after))
    certificates = ({row.endpoint_id: row for row in tls_before}, {row.endpoint_id: row for row in tls_after})
    found: list[Change] = []
    for service in sorted((first.keys() | second.keys()) - unseen):
        if service not in first:
            found.append(Change(service=service, kind=ChangeKind.APPEARED))
        elif service not in second:
            found.append(Change(service=service, kind=ChangeKind.DISAPPEARED))
        else:
            found += _service_changes(service, first[service], second[service], certificates)
    return tuple(found)


def not_compared(before: Sequence[ServerRow], after: Sequence[ServerRow]) -> tuple[str, ...]:
    """Return the services that a campaign knew of and, for reasons of our own, did not look at."""
    services = (*by_service(before).items(), *by_service(after).items())
    return tuple(sorted({service for service, rows in services if not any(map(_was_looked_at, rows))}))


def _was_looked_at(row: ServerRow) -> bool:
    if row.answered:
        return True
    ours = row.failure_side == Side.OURS and row.failure_kind != FailureKind.NOT_RECORDED  # an import's, of theirs
    return (row.dialled or row.unresolved) and not ours


def _service_changes(
    service: str,
    before: list[ServerRow],
    after: list[ServerRow],
    certificates: tuple[Mapping[str, TlsRow], Mapping[str, TlsRow]],
) -> list[Change]:
    was_up, is_up = any(row.answered for row in before), any(row.answered for row in after)
    if was_up != is_up:
        return [Change(service=service, kind=ChangeKind.CAME_UP if is_up else ChangeKind.WENT_DOWN)]
    found = [_changed(service, "addresses", addresses(before), addresses(after))]
    if is_up:
        found += [_changed(service, name, values(before, name), values(after, name)) for name in _FIELDS]
    for name in _TLS_FIELDS:
        first, second = certificates
        shown = (shown_in_certificates(before, first, name), shown_in_certificates(after, second, name))
        found.append(_changed(service, name, *shown))
    return [change for change in found if change is not None]


def _changed(service: str, name: str, before: frozenset[str], after: frozenset[str]) -> Change | None:
    """Return the change, unless one side did not record the field or the sides share a value.

    Several addresses behind one name may differ among themselves; overlapping sets are the same service seen again.
    """
    if not before or not after or before & after:
        return None
    old, new = "; ".join(sorted(before)), "; ".join(sorted(after))
    return Change(service=service, kind=ChangeKind.CHANGED, field=name, before=old, after=new)
