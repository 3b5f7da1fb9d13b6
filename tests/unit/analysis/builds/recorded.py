"""The seven recordings of real servers, and what each really was."""

import random
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from electrum_observatory.analysis.builds.evidence import Evidence, read_dialogue
from electrum_observatory.model.dialogue import Dialogue
from electrum_observatory.store.importers.recordings import read_recording

TRUTH = {
    "ex116-ltc-t": "electrumx-1.16.0",
    "ex116-ltc-s": "electrumx-1.16.0",
    "ex118-ltc-t": "electrumx-1.18.0",
    "ex120-ltc-t": "electrumx-1.20.0",
    "ex120-ltc-s": "electrumx-1.20.0",
    "fulc-ltc-t": "fulcrum-2.1.1",
    "fulc-ltc-s": "fulcrum-2.1.1",
}
"""Recording → id of the build that was recorded."""


@cache
def recorded(shared: Path, name: str) -> tuple[Dialogue, ...]:
    """Return the connections of one recording."""
    (dialogues,) = read_recording(shared / "transcripts" / f"{name}.jsonl.xz").values()
    return dialogues


@cache
def read(shared: Path, name: str) -> tuple[Evidence, ...]:
    """Return what each connection of a recording shows."""
    return tuple(read_dialogue(dialogue) for dialogue in recorded(shared, name))


def thinned(evidence: Sequence[Evidence], share: float, seed: int) -> list[Evidence]:
    """Delete each dialogue with the given probability."""
    chance = random.Random(seed)
    return [one for one in evidence if chance.random() >= share]
