"""A service is what a name, a port and a transport stand for, whatever the addresses behind it: as campaigns saw it."""

from collections.abc import Mapping, Sequence

from electrum_observatory.datasets.servers import ServerRow
from electrum_observatory.datasets.tls import TlsRow
from electrum_observatory.model.endpoint import bracketed


def by_service(rows: Sequence[ServerRow]) -> dict[str, list[ServerRow]]:
    """Return ``transport://host:port`` to its rows."""
    services: dict[str, list[ServerRow]] = {}
    for row in rows:
        services.setdefault(f"{row.transport}://{bracketed(row.host)}:{row.port}", []).append(row)
    return services


def addresses(rows: Sequence[ServerRow]) -> frozenset[str]:
    """Return the addresses behind a service."""
    return frozenset(row.address for row in rows if row.address is not None)


def values(rows: Sequence[ServerRow], name: str) -> frozenset[str]:
    """Return what those of its rows that answered say in a field."""
    return frozenset(str(value) for row in rows if row.answered and (value := getattr(row, name)) is not None)


def shown_in_certificates(rows: Sequence[ServerRow], shown: Mapping[str, TlsRow], name: str) -> frozenset[str]:
    """Return a field of the certificates that it showed; ``shown`` is by endpoint id."""
    found = (getattr(shown[row.endpoint_id], name) for row in rows if row.endpoint_id in shown)
    return frozenset(value for value in found if value is not None)
