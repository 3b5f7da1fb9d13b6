"""What waits for its machine's turn: an endpoint to visit, and the second visit that asks for less."""

from collections import Counter
from dataclasses import dataclass, replace

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.observation import Observation
from electrum_observatory.scanner.notebook import Notebook


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """An endpoint to visit.

    Attributes:
        endpoint: Whom.
        depth: How many times removed from the sources we were handed.
        legacy_tls: Allow old TLS: the handshake failed without before.
        plain: Offer no range of versions: the server closed on it before.
        earlier: What the visit before found, whose TLS or range of versions was refused.
    """

    endpoint: Endpoint
    depth: int
    legacy_tls: bool = False
    plain: bool = False
    earlier: tuple[Observation, ...] = ()


def once_more(work: Work, notebook: Notebook, counts: Counter[str]) -> Work | None:
    """Return the spaced visit that asks for less, where the server refused what this one asked for, and count it."""
    if notebook.tls_refused and not work.plain:
        counts["retried_legacy_tls"] += 1
        return replace(work, legacy_tls=True, earlier=tuple(notebook.observations))
    if notebook.range_refused:
        counts["retried_plain"] += 1
        return replace(work, plain=True, earlier=tuple(notebook.observations))
    return None
