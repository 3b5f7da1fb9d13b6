"""Whatever a file holds, it is read as conversations or refused in words; whatever a server said, it is judged."""

import contextlib
import json
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from electrum_observatory.analysis.behaviour import judge
from electrum_observatory.model.dialogue import Dialogue, Exchange, Line
from electrum_observatory.model.endpoint import Transport
from electrum_observatory.model.errors import InputError
from electrum_observatory.store.importers.recordings import read_recording

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
VALUES = SCALARS | st.lists(SCALARS, max_size=3) | st.dictionaries(st.text(max_size=8), SCALARS, max_size=3)
STEPS = st.fixed_dictionaries(
    {"send": st.text(max_size=40) | VALUES, "recv": st.lists(st.tuples(st.floats(), st.text(max_size=40)) | VALUES)},
    optional={"eof_ms": VALUES},
)
ROWS = st.fixed_dictionaries(
    {
        "server": st.text(max_size=8) | VALUES,
        "transport": st.sampled_from(["t", "s", "ws"]) | VALUES,
        "probe": st.text(max_size=8) | VALUES,
        "steps": st.lists(STEPS, max_size=3) | VALUES,
    },
    optional={"pre": VALUES, "closed_by_server": VALUES, "alive_after": VALUES},
)
METHODS = st.sampled_from(
    [
        "server.version",
        "server.features",
        "server.banner",
        "server.peers.subscribe",
        "server.donation_address",
        "mempool.get_fee_histogram",
        "blockchain.estimatefee",
        "blockchain.block.header",
        "server.ping",
        "no.such",
    ]
)
REQUESTS = st.fixed_dictionaries({"id": SCALARS, "method": METHODS, "params": VALUES}, optional={"jsonrpc": VALUES})
REPLIES = st.fixed_dictionaries(
    {"id": SCALARS}, optional={"result": VALUES, "error": VALUES, "method": VALUES, "jsonrpc": VALUES}
)


@settings(max_examples=40)
@given(st.lists(ROWS | VALUES, max_size=3))
def test_a_recording_is_read_or_refused(rows: list[object]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "given.jsonl"
        path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))

        read = len(rows)
        with contextlib.suppress(InputError):
            read = sum(map(len, read_recording(path).values()))

        assert read == len(rows)


@settings(max_examples=40)
@given(
    st.sampled_from(Transport),
    st.lists(
        st.tuples(REQUESTS | st.binary(max_size=30), st.lists(REPLIES | VALUES | st.binary(max_size=30), max_size=3))
    ),
)
def test_every_conversation_is_judged(transport: Transport, said: list[tuple[object, list[object]]]) -> None:
    exchanges = [
        Exchange(name=f"e{number}", sent=spelled(sent), lines=tuple(Line(data=spelled(line)) for line in lines))
        for number, (sent, lines) in enumerate(said)
    ]

    found = judge([Dialogue(transport=transport, exchanges=tuple(exchanges))])

    assert 0 <= found.identification.confidence <= 1
    assert (found.fingerprint.behaviour is None) == (found.fingerprint.aspects == ())


def spelled(value: object) -> bytes:
    return value if isinstance(value, bytes) else json.dumps(value).encode() + b"\n"
