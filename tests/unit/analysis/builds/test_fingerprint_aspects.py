"""The closed list of the fingerprint names aspects that are really read: one renamed would drop out in silence."""

from pathlib import Path

from electrum_observatory.analysis.builds.evidence import read_dialogue
from electrum_observatory.analysis.builds.fingerprint_aspects import ASPECTS_V1
from electrum_observatory.analysis.builds.rules.registry import BY_ASPECT
from electrum_observatory.store.importers.recordings import read_recording

VOLATILE = ("histogram", "fee_digits", "small_numbers", "peer_ports", "keys_in_history", "keys_notification", "chain")


def test_every_aspect_of_the_list_is_read(shared: Path) -> None:
    recordings = (read_recording(shared / "transcripts" / f"{name}-ltc-t.jsonl.xz") for name in ("ex120", "fulc"))
    dialogues = [one for found in recordings for several in found.values() for one in several]
    read = {seen.aspect for dialogue in dialogues for seen in read_dialogue(dialogue).observations}

    assert ASPECTS_V1 - BY_ASPECT.keys() - read == set()


def test_what_changes_by_itself_is_not_in_the_list() -> None:
    assert [aspect for aspect in ASPECTS_V1 if aspect.startswith(VOLATILE)] == []
