"""Defences against what adds up over further visits."""

from electrum_observatory.scanner.revisits import Revisits
from tests.hostile.defence import Defence


def whatever_it_sends(self: Revisits, failed: int, heard: int) -> str | None:
    """Go on while connections stand."""
    return "several connections in a row failed" if failed > 1 else None


EXAMINATION_DEFENCES: tuple[Defence, ...] = (
    Defence(
        id="bytes_of_an_examination",
        what="Whoever has sent too much in answer to further questions is asked nothing more.",
        target="electrum_observatory.scanner.revisits:Revisits._enough",
        replacement=whatever_it_sends,
    ),
    Defence(
        id="versions_are_short",
        what="A version that is no short text is not copied into the result of every question.",
        target="electrum_observatory.scanner.probes.opening:_LONGEST_VERSION",
        replacement=10**9,
    ),
)
