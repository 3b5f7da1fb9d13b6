"""How two fingerprints are compared in tests: what differs says more than that their digests do."""

from collections.abc import Mapping

from electrum_observatory.analysis.builds.fingerprint import Fingerprint


def differing(one: Fingerprint, other: Fingerprint) -> Mapping[str, tuple[str, str]]:
    """Return the aspects observed of both whose values differ, with both values."""
    mine, theirs = dict(one.aspects), dict(other.aspects)
    return {name: (mine[name], theirs[name]) for name in mine if name in theirs and mine[name] != theirs[name]}
