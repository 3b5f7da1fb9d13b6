"""What waits for its machine's turn: an endpoint to visit, the visit once more that asks for less, and further ones."""

from collections import Counter
from dataclasses import dataclass, replace

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.observation import Observation
from electrum_observatory.scanner.notebook import Notebook
from electrum_observatory.scanner.revisits import Examination


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """An endpoint to visit.

    Attributes:
        endpoint: Whom.
        depth: How many times removed from the sources we were handed.
        legacy_tls: Allow old TLS: the handshake failed without before.
        plain: Offer no range of versions: the server closed on it before.
        earlier: What the visit before found, whose TLS or range of versions was refused.
        examination: What is left of the further visits, where this is one of their connections; None in routine.
        rested: The machine was left in peace for it, and is held for it.
    """

    endpoint: Endpoint
    depth: int
    legacy_tls: bool = False
    plain: bool = False
    earlier: tuple[Observation, ...] = ()
    examination: Examination | None = None
    rested: bool = False

    @property
    def visits(self) -> int:
        """How many visits it stands for."""
        return 1 if self.examination is None else len(self.examination.left)


def once_more(work: Work, notebook: Notebook, counts: Counter[str]) -> Work | None:
    """Return the spaced visit that asks for less, where the server refused what this one asked for, and count it."""
    if notebook.tls_refused and not work.plain:
        counts["retried_legacy_tls"] += 1
        return replace(work, legacy_tls=True, earlier=tuple(notebook.observations))
    if notebook.range_refused:
        counts["retried_plain"] += 1
        return replace(work, plain=True, earlier=tuple(notebook.observations))
    return None
