"""Real programs, recorded: whatever they answered, to questions however odd, was true."""

from pathlib import Path

from electrum_observatory.analysis.truth.header_reading import read_headers
from electrum_observatory.analysis.truth.judge import judge
from electrum_observatory.analysis.truth.reading import Heard, read_answers
from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.bitcoin.reference import ChainReference
from electrum_observatory.store.importers.recordings import read_recording

GENESIS = NETWORKS["litecoin-regtest"].genesis_hash
REFERENCE = ChainReference(
    network_id="litecoin-regtest",
    checkpoint_height=0,
    checkpoint_hash=GENESIS,
    checkpoints={0: GENESIS},
    easiest_bits=0x207FFFFF,
)


def test_nothing_is_found_in_the_recordings_of_real_servers(shared: Path) -> None:
    heard = [
        Heard(server=path.name, visit=f"{path.name} {number}", at_s=None, dialogue=dialogue)
        for path in sorted((shared / "transcripts").glob("*.jsonl.xz"))
        for dialogues in read_recording(path).values()
        for number, dialogue in enumerate(dialogues)
    ]
    headers = read_headers(read_answers(heard))

    assert len({one.server for one in heard}) == 7
    assert len(headers) > 1_000  # each of them proves its work by scrypt
    assert judge(heard, REFERENCE).findings == ()
