"""Majorities over backends: ten endpoints in front of one node have one vote.

Which endpoints share a backend is the caller's knowledge (machines at least). Whoever is not named has a backend of
its own, so the mapping can only take votes away.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Set
from typing import TypeAlias, TypeVar

Backends: TypeAlias = Mapping[str, str]
"""Server to the id of its backend or machine."""

ValueT = TypeVar("ValueT")

FEWEST = 3
"""A majority needs that many backends to say the same."""


def backend_of(server: str, backends: Backends) -> str:
    """Return the id that stands for a server's vote."""
    return backends.get(server, server)


def votes_of(servers: Iterable[str], backends: Backends) -> frozenset[str]:
    """Return the backends behind servers."""
    return frozenset(backend_of(server, backends) for server in servers)


def majority(said: Mapping[ValueT, Set[str]], backends: Backends) -> ValueT | None:
    """Return what more than half of the backends say, at least three of them; None where nobody has such a majority.

    A backend whose servers say different things has no vote.

    Args:
        said: A value to the servers that said it.
        backends: See :data:`Backends`.
    """
    voters = {value: votes_of(servers, backends) for value, servers in said.items()}
    count = Counter(backend for of_value in voters.values() for backend in of_value)
    clear = {value: {one for one in of_value if count[one] == 1} for value, of_value in voters.items()}
    total = sum(len(of_value) for of_value in clear.values())
    return next(
        (value for value, of_value in clear.items() if len(of_value) >= FEWEST and 2 * len(of_value) > total), None
    )
