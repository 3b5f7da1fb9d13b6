"""Recordings become dialogues: nothing is lost, nothing is made up, and hostile files are refused by line."""

import json
import lzma
from pathlib import Path
from typing import Any

import pytest

from electrum_observatory.model.endpoint import Transport
from electrum_observatory.model.errors import InputError
from electrum_observatory.store.importers import unpacking
from electrum_observatory.store.importers.recordings import read_recording

PING = '{"jsonrpc": "2.0", "id": "after", "method": "server.ping", "params": []}\n'


def row(**members: Any) -> dict[str, Any]:
    base = {"server": "s", "transport": "t", "probe": "p", "pre": None, "steps": [{"send": PING, "recv": []}]}
    return base | members


def written(folder: Path, *rows: Any) -> Path:
    path = folder / "a.jsonl"
    path.write_text("".join(f"{one if isinstance(one, str) else json.dumps(one)}\n" for one in rows))
    return path


def only(path: Path) -> Any:
    ((dialogues),) = read_recording(path).values()
    return dialogues[0]


@pytest.mark.parametrize(
    ("name", "server", "transport", "connections"),
    [("ex116-ltc-t", "ex116-ltc", Transport.TCP, 415), ("fulc-ltc-s", "fulc-ltc", Transport.SSL, 42)],
)
def test_every_recorded_connection_is_a_dialogue_with_every_byte(shared, name, server, transport, connections) -> None:
    path = shared / "transcripts" / f"{name}.jsonl.xz"
    with lzma.open(path, "rt") as file:
        rows = [json.loads(line) for line in file]

    dialogues = read_recording(path)[server, transport]

    assert len(dialogues) == connections
    for told, dialogue in zip(rows, dialogues, strict=True):
        assert dialogue.from_start
        for step, exchange in zip(told["steps"], dialogue.exchanges, strict=True):
            assert b"".join(line.data for line in exchange.lines).decode("latin-1") == "".join(
                text for _, text in step["recv"]
            )
            assert exchange.sent.decode("latin-1") == step["send"] or exchange.name.endswith("(cut)")


def test_a_line_in_two_reads_came_with_its_last_byte(tmp_path) -> None:
    reads = [[1.0, '{"a":1}\n{"b"'], [7.5, ":2}\n"], [9.0, "half"]]

    (exchange,) = only(written(tmp_path, row(steps=[{"send": PING, "recv": reads}]))).exchanges

    assert [(line.data, line.after_ms) for line in exchange.lines] == [
        (b'{"a":1}\n', 1.0),
        (b'{"b":2}\n', 7.5),
        (b"half", 9.0),
    ]


def test_a_message_that_was_cut_keeps_its_beginning_no_end_and_a_mark(tmp_path) -> None:
    (exchange,) = only(written(tmp_path, row(steps=[{"send": "AAAA...[3000065 bytes]", "recv": []}]))).exchanges

    assert exchange.sent == b"AAAA"
    assert exchange.name == "p#0 (cut)"


def test_silence_is_only_known_where_something_came_later(tmp_path) -> None:
    ask, answered = {"send": "x\n", "recv": []}, {"send": PING, "recv": [[1, "{}\n"]]}

    alive = only(written(tmp_path, row(steps=[ask, answered], alive_after=True))).exchanges
    dead = only(written(tmp_path, row(steps=[ask, ask], alive_after=False))).exchanges
    unknown = only(written(tmp_path, row(steps=[ask, ask]))).exchanges

    assert [one.silent for one in alive] == [True, False]
    assert [one.alive_after for one in dead] == [False, False]
    assert [one.alive_after for one in unknown] == [None, None]


def test_the_step_in_which_the_server_closed_is_marked(tmp_path) -> None:
    steps = [{"send": "x\n", "recv": []}, {"send": "y\n", "recv": [], "eof_ms": 3.0}]

    assert [one.closed for one in only(written(tmp_path, row(steps=steps))).exchanges] == [False, True]


def test_a_handshake_outside_of_the_steps_is_no_start(tmp_path) -> None:
    told = row(pre='{"method":"server.version"}')

    assert not only(written(tmp_path, told)).from_start


def test_each_server_and_transport_stands_for_itself(tmp_path) -> None:
    found = read_recording(written(tmp_path, row(), row(server="z"), row(transport="ssl"), row()))

    assert {key: len(dialogues) for key, dialogues in found.items()} == {
        ("s", Transport.TCP): 2,
        ("z", Transport.TCP): 1,
        ("s", Transport.SSL): 1,
    }


def test_a_websocket_read_is_a_message(tmp_path) -> None:
    (exchange,) = only(written(tmp_path, row(transport="wss", steps=[{"send": "{}", "recv": [[1, "{}"]]}]))).exchanges

    assert [line.data for line in exchange.lines] == [b"{}"]


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ("{", "not JSON"),
        ("[]", "the row"),
        ("[" * 100_000, "not JSON"),
        (row(transport="udp"), "transport"),
        (row(steps=[]), "steps"),
        (row(steps=[{"send": 5}]), "steps.0.send"),
        (row(steps=[{"send": "", "recv": [[-1, "x"]]}]), "steps.0.recv.0"),
        (row(steps=[{"send": "", "recv": [[float("nan"), "x"]]}]), "steps.0.recv.0"),
        (row(steps=[{"send": ""}] * 1001), "steps"),
        (row(server=""), "server"),
        ({"format": "electrum-observatory-scan", "version": 1}, "server"),
    ],
)
def test_a_row_of_another_form_is_refused_by_file_and_line(tmp_path, bad, words) -> None:
    path = written(tmp_path, row(), bad)

    with pytest.raises(InputError) as refusal:
        read_recording(path)

    assert str(refusal.value).startswith(f"{path} line 2: ")
    assert words in str(refusal.value)


def test_an_empty_file_and_a_missing_one_are_refused(tmp_path) -> None:
    for path in (written(tmp_path), tmp_path / "none"):
        with pytest.raises(InputError, match=path.name):
            read_recording(path)


def test_a_broken_or_cut_archive_is_refused(tmp_path) -> None:
    packed = lzma.compress(json.dumps(row()).encode())
    for name, data in (("cut.xz", packed[:-9]), ("bad.xz", packed[:20] + b"\0" * 30)):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(InputError, match="cannot be unpacked"):
            read_recording(tmp_path / name)


def test_several_streams_of_one_archive_are_read_on(tmp_path) -> None:
    path = tmp_path / "two.xz"
    path.write_bytes(lzma.compress((json.dumps(row()) + "\n").encode()) * 2)

    assert len(read_recording(path)["s", Transport.TCP]) == 2


def test_what_unpacks_without_end_is_left_at_its_first_long_line(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(unpacking, "MAX_LINE_BYTES", 1_000_000)
    path = tmp_path / "bomb.xz"
    path.write_bytes(lzma.compress(b" " * (unpacking.MAX_LINE_BYTES + 1_000_000), preset=0))

    with pytest.raises(InputError, match="line 1: longer than"):
        read_recording(path)


def test_lines_that_say_nothing_are_not_read_without_end(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(unpacking, "MAX_LINES", 1_000)
    path = tmp_path / "blank.xz"
    path.write_bytes(lzma.compress(b"\n" * 2_000))

    with pytest.raises(InputError, match="more than 1000 lines"):
        read_recording(path)


def test_a_line_of_many_small_reads_is_put_together_once(tmp_path) -> None:
    reads = [[1.0, "a" * 100]] * 50_000

    (exchange,) = only(written(tmp_path, row(steps=[{"send": PING, "recv": reads}]))).exchanges

    assert [len(line.data) for line in exchange.lines] == [5_000_000]


@pytest.mark.parametrize("text", ["half \ud800 of one", "escaped \udcff", "beyond \u20ac", "both \ud800\udcff"])
def test_any_text_is_bytes(tmp_path, text: str) -> None:
    (exchange,) = only(written(tmp_path, row(steps=[{"send": text, "recv": [[1.0, text + "\n"]]}]))).exchanges

    assert exchange.lines[0].data == exchange.sent + b"\n"
