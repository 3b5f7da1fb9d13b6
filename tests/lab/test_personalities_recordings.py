"""Personalities that have a recording answer as the recorded program did, byte for byte."""

import random
from collections import Counter
from pathlib import Path

import pytest

from electrum_observatory.lab.driving import request
from electrum_observatory.lab.personalities.base import Program
from electrum_observatory.lab.personalities.registry import PERSONALITIES
from electrum_observatory.model.endpoint import Transport
from tests.lab.normalisation import differences
from tests.lab.recorded_servers import RecordedProbe, load
from tests.lab.recorded_state import SECONDS_PER_PROBE, state_of
from tests.lab.replay import replay

RECORDED = {
    "ex116": "electrumx_1_16",
    "ex118": "electrumx_1_18",
    "ex120": "electrumx_1_20",
    "fulc": "fulcrum_2",
}
FILES = ("ex116-ltc-t", "ex116-ltc-s", "ex118-ltc-t", "ex120-ltc-t", "ex120-ltc-s", "fulc-ltc-t", "fulc-ltc-s")
LEAST_REPLIES = {"t": 1000, "s": 110}


def recording(shared: Path, name: str) -> tuple[RecordedProbe, ...]:
    return load(shared / "transcripts" / f"{name}.jsonl.xz")


def keep_warm(process: Program, at: float) -> None:
    """Let another client ask: the recorder's connections were seconds apart, so what is kept a minute was in memory."""
    other = process.connect(Transport.TCP)
    for line in (request(0, "server.version", ["", "1.4"]), request(1, "server.banner")):
        other.receive(line.sent + b"\n", at)


@pytest.mark.parametrize("name", FILES)
def test_every_recorded_reply_is_equal_to_the_byte(shared: Path, name: str):
    server, _, transport = name.split("-")
    probes = recording(shared, name)
    personality = PERSONALITIES[RECORDED[server]]
    process = personality.start(
        version=personality.default_version,
        state=state_of(recording(shared, f"{server}-ltc-t")),
        started_at=0.0,
        rng=random.Random(1),
    )

    found, compared = [], Counter[str]()
    for number, probe in enumerate(probes):
        keep_warm(process, (number + 0.5) * SECONDS_PER_PROBE - 1.0)
        conversation = process.connect(Transport.TCP if transport == "t" else Transport.SSL)
        replayed = replay(probe, conversation, (number + 0.5) * SECONDS_PER_PROBE)
        found += differences(server, probe, replayed)
        compared["probes"] += 1
        compared["closes"] += probe.closed_by_server
        for step in probe.steps:
            compared["replies"] += b"".join(data for _, data in step.received).count(b"\n")
            compared["silences"] += not step.received
            compared["delayed packets"] += sum(after > 500 for after, _ in step.received)

    print(f"{name} = {personality.id}: {dict(compared)}")
    assert not found, "\n".join(found[:40])
    assert compared["replies"] >= LEAST_REPLIES[transport]
    assert (compared["delayed packets"] > 0) == (server == "ex118" or name == "ex120-ltc-t")
