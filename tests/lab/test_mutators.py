"""Each mutator does what its page says, and leaves everything else alone."""

import functools
import hashlib
import json
from typing import Any

import pytest

from electrum_observatory.lab.driving import Message, request
from electrum_observatory.lab.mutators.registry import MUTATORS
from electrum_observatory.lab.mutators.reserialise_json import HANDS
from electrum_observatory.lab.personalities.base import Program
from electrum_observatory.lab.personalities.registry import PERSONALITIES
from electrum_observatory.lab.world_options import Modification
from electrum_observatory.model.endpoint import Transport
from tests.lab.mutated_worlds import SCANNER, WALLET, asked, started, talk, world_of

QUESTIONS: tuple[Message, ...] = (
    request(1, "server.banner"),
    request(3, "blockchain.estimatefee", [2]),
    request(4, "mempool.get_fee_histogram"),
    request(5, "blockchain.headers.subscribe"),
    request("é", "server.ping"),
    request(6, "blockchain.block.header", [99_999_999]),
    request(7, "blockchain.estimatefee", [2, "JUNK"]),
    request(8, "server.features"),
)
PROGRAMS = ("electrumx_1_16", "electrumx_1_18", "electrumx_1_20", "fulcrum_2", "electrs_romanz", "electrs_esplora")


def subject(personality: str, mutator: str | None = None, dose: float = 1.0, text: str | None = None) -> Program:
    modified = () if mutator is None else (Modification(mutator=mutator, dose=dose, text=text),)
    return started(world_of(personality, *modified))


@functools.cache
def honest(personality: str) -> list[bytes]:
    return said(subject(personality))


def said(program: Program, *, transport: Transport = Transport.TCP, hello: Message = SCANNER) -> list[bytes]:
    dialogue = talk(program, *QUESTIONS, transport=transport, hello=hello)
    return [b"".join(line.data for line in exchange.lines) for exchange in dialogue.exchanges]


@pytest.mark.parametrize("mutator", MUTATORS)
@pytest.mark.parametrize("personality", ["electrumx_1_20", "fulcrum_2"])
def test_without_a_dose_a_modified_server_says_what_the_honest_one_says(mutator: str, personality: str) -> None:
    assert said(subject(personality, mutator, dose=0.0)) == honest(personality)


@pytest.mark.parametrize("mutator", MUTATORS)
def test_the_same_world_is_modified_the_same_way_again(mutator: str) -> None:
    assert said(subject("fulcrum_2", mutator, dose=0.5)) == said(subject("fulcrum_2", mutator, dose=0.5))


@pytest.mark.parametrize("personality", ["electrumx_1_18", "electrumx_1_20"])
def test_altered_answers_of_a_padding_server_are_padded_again(personality: str) -> None:
    altered = said(subject(personality, "inject_text"))
    honest = said(subject(personality))

    assert altered != honest
    assert all(len(packet) & (len(packet) - 1) == 0 for packet in altered if packet)
    assert [packet.count(b"\n") for packet in altered] == [packet.count(b"\n") for packet in honest]


@pytest.mark.parametrize("personality", PROGRAMS)
def test_altered_answers_keep_the_hand_of_the_program(personality: str) -> None:
    honest = said(subject(personality))[6]
    altered = said(subject(personality, "inject_text", text="X"))[6]

    unpadded = [b"".join(packet.split(b"  ")).rstrip() for packet in (altered, honest)]
    assert unpadded[0].replace(b" X", b"", 1).split() == unpadded[1].split()
    assert altered[-2:] == honest[-2:]


def test_fees_are_multiplied() -> None:
    honest, altered = (asked(subject("fulcrum_2", *how), "blockchain.estimatefee", [6])["result"] for how in _FEE)

    assert altered == pytest.approx(honest * 10**0.3, rel=1e-3)


_FEE: tuple[tuple[Any, ...], ...] = ((), ("alter_fee", 0.3))


def test_a_stale_server_is_behind_by_its_dose_and_consistent_with_itself() -> None:
    honest = asked(subject("fulcrum_2"), "blockchain.headers.subscribe")["result"]
    stale = subject("fulcrum_2", "stale_tip", 0.07)
    tip = asked(stale, "blockchain.headers.subscribe")["result"]

    assert tip["height"] == honest["height"] - 7
    assert asked(stale, "blockchain.block.header", [tip["height"]])["result"] == tip["hex"]
    assert "error" in asked(stale, "blockchain.block.header", [tip["height"] + 1])


def test_a_replayed_histogram_never_changes() -> None:
    moments = (100.0, 5_000.0, 50_000.0)
    replaying, honest = subject("fulcrum_2", "replay_histogram"), subject("fulcrum_2")
    replayed, real = (
        {json.dumps(asked(program, "mempool.get_fee_histogram", at=at)["result"]) for at in moments}
        for program in (replaying, honest)
    )

    assert (len(replayed), len(real)) == (1, 3)


@pytest.mark.parametrize("personality", PROGRAMS)
def test_a_false_version_stands_wherever_the_true_one_stood(personality: str) -> None:
    honest = b"".join(said(subject(personality)))
    lying = b"".join(said(subject(personality, "lie_about_version", text="Lie 1.2.3")))
    name = json.loads(said(subject(personality))[0])["result"][0].encode()

    assert name not in lying
    assert lying.count(b"Lie 1.2.3") == honest.count(name) >= 2


def test_a_relay_writes_everything_anew_and_says_the_same() -> None:
    for personality in PROGRAMS:
        relayed, honest = said(subject(personality, "reserialise_json")), said(subject(personality))

        assert [json.loads(one) for one in relayed if one] == [json.loads(one) for one in honest if one]
        assert relayed[0] != honest[0], personality
        assert relayed[0].endswith(b"\n")
        assert not relayed[0].endswith(b"\r\n")
        assert b"   " not in relayed[0]


def test_relays_write_numbers_and_text_as_their_libraries_do() -> None:
    value = {"z": 0.00001, "a": [1.0, 1e-7, "<é"], "m": None}
    hands = {
        "python": rb'{"z": 1e-05, "a": [1.0, 1e-07, "<\u00e9"], "m": null}',
        "node": '{"z":0.00001,"a":[1,1e-7,"<é"],"m":null}'.encode(),
        "go": '{"a":[1,1e-7,"\\u003cé"],"m":null,"z":0.00001}'.encode(),
    }
    assert {name: hand(value).encode() for name, hand in HANDS.items()} == hands


def test_messages_of_a_relay_have_no_line_end_inside_websocket() -> None:
    relayed = said(subject("fulcrum_2", "reserialise_json"), transport=Transport.WS)

    assert not any(message.endswith(b"\n") for message in relayed)
    assert b'": ' in relayed[0]


def test_text_goes_into_errors_and_banner_only() -> None:
    altered, honest = said(subject("electrs_romanz", "inject_text", text="PAY")), said(subject("electrs_romanz"))

    changed = [position for position, (one, other) in enumerate(zip(altered, honest, strict=True)) if one != other]
    assert changed == [1, 6, 7]
    assert all(b" PAY" in altered[position] for position in changed)


def test_errors_in_another_programs_words() -> None:
    fulcrum = asked(subject("fulcrum_2", "foreign_error_texts"), "blockchain.block.header", [99_999_999])
    electrumx = asked(subject("electrumx_1_16", "foreign_error_texts"), "blockchain.block.header", [99_999_999])

    assert fulcrum["error"]["message"] == "height 99,999,999 out of range"
    assert electrumx["error"]["message"] == "Height 99999999 is out of range"
    assert list(fulcrum) == ["error", "id", "jsonrpc"]


def test_a_sweep_waits_and_single_questions_do_not() -> None:
    program = subject("fulcrum_2", "delay_sweeps", 0.3)
    scripts = [hashlib.sha256(bytes([number])).hexdigest() for number in range(20)]
    burst = [request(n, "blockchain.scripthash.get_mempool", [one]) for n, one in enumerate(scripts, 1)]
    together = [Message(name=one.name, sent=one.sent, together=True) for one in burst[1:]]

    sweep = talk(program, burst[0], *together).exchanges[1:]
    single = talk(program, burst[0], request(99, "server.ping")).exchanges[1:]

    late = [exchange.lines[0].after_ms or 0.0 for exchange in sweep if exchange.lines]
    assert [round(one / 100) * 100 for one in late[:8]] == [0] * 8
    assert len(late) < 20 or min(late[8:]) > 2900
    assert max(exchange.lines[0].after_ms or 0.0 for exchange in single) < 100


def test_wallets_are_lied_to_and_scanners_are_not() -> None:
    two_faced = subject("electrumx_1_20", "treat_scanners_differently")
    honest = asked(subject("electrumx_1_20"), "blockchain.estimatefee", [6])["result"]

    assert asked(two_faced, "blockchain.estimatefee", [6], hello=SCANNER)["result"] == honest
    assert asked(two_faced, "blockchain.estimatefee", [6], hello=WALLET)["result"] == pytest.approx(
        honest * 10**0.3, rel=1e-3
    )


def test_wallets_alone_meet_the_other_modifications_of_such_a_machine() -> None:
    modified = (Modification(mutator="stale_tip", dose=0.05), Modification(mutator="treat_scanners_differently"))
    program = started(world_of("fulcrum_2", *modified))
    scanner, wallet = (asked(program, "blockchain.headers.subscribe", hello=one)["result"] for one in (SCANNER, WALLET))

    assert scanner["height"] - wallet["height"] == 5


def test_forged_headers_have_no_work_or_no_link() -> None:
    workless, unlinked = (subject("fulcrum_2", "forged_headers", 1.0, text) for text in (None, "links"))
    one, two = (bytes.fromhex(asked(unlinked, "blockchain.block.header", [height])["result"]) for height in (50, 51))
    work = hashlib.sha256(hashlib.sha256(_header(workless, 50)).digest()).digest()

    assert work[31] >= 0x80, "regtest's target begins at half of all hashes"
    assert two[4:36] != hashlib.sha256(hashlib.sha256(one).digest()).digest()
    assert _header(workless, 0) == _header(subject("fulcrum_2"), 0)


def _header(program: Program, height: int) -> bytes:
    return bytes.fromhex(asked(program, "blockchain.block.header", [height])["result"])


def test_every_personality_can_be_modified() -> None:
    for personality in PERSONALITIES:
        program = subject(personality, "lie_about_version", text="Lie 1")
        hello = talk(program, hello=request(0, "server.version", ["test", "1.4"])).exchanges[0]
        assert b"Lie 1" in b"".join(line.data for line in hello.lines), personality
