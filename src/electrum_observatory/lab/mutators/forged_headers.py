"""Serves headers that were never mined: without work, or linked to nothing."""

import hashlib
from collections.abc import Callable
from dataclasses import replace

from electrum_observatory.lab.mutators.base import Mutator, MutatorKind
from electrum_observatory.lab.state import ServerState

LINKS = "links"
"""As ``text``: the header names another block before it, and has work."""
_BITS, _NONCE, _PREVIOUS = slice(72, 76), slice(76, 80), slice(4, 36)
_MOST_NONCES = 1_000_000


class ForgedHeaders(Mutator):
    """Some headers are forged, always the same ones; the genesis never is."""

    def state(self, state: ServerState, at: float) -> ServerState:  # noqa: ARG002
        """Forge the headers that were chosen."""
        honest = state.node.header

        def header(height: int) -> bytes:
            raw = honest(height)
            if height == 0 or not self.place.hits("header", height):
                return raw
            return self._forged(raw, height)

        return replace(state, node=replace(state.node, header=header))

    def _forged(self, raw: bytes, height: int) -> bytes:
        if self.place.text != LINKS:
            return _mined(raw, lambda work, target: work > target)
        stranger = hashlib.sha256(f"{self.place.machine}/{height}".encode()).digest()
        return _mined(raw[: _PREVIOUS.start] + stranger + raw[_PREVIOUS.stop :], lambda work, target: work <= target)


def _mined(raw: bytes, wanted: Callable[[int, int], bool]) -> bytes:
    """Return the header with the first nonce whose hash relates to the target as wanted."""
    bits = int.from_bytes(raw[_BITS], "little")
    target = (bits & 0x7FFFFF) << (8 * ((bits >> 24) - 3))
    for nonce in range(_MOST_NONCES):
        forged = raw[: _NONCE.start] + nonce.to_bytes(4, "little")
        work = int.from_bytes(hashlib.sha256(hashlib.sha256(forged).digest()).digest(), "little")
        if wanted(work, target):
            return forged
    raise ValueError("the world's target is too hard for a forger")


KIND = MutatorKind(
    id="forged_headers",
    summary="Serves headers without proof of work, or with `text: links` such as name another block before them.",
    dose_is="Share of the headers that are forged.",
    make=ForgedHeaders,
)
