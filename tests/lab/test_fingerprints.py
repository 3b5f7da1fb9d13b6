"""The behaviour fingerprint: equal for one build whoever runs it, different for builds that behave differently."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import pytest

from electrum_observatory.analysis.builds.fingerprint import Fingerprint, fingerprint
from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.datasets.dialogues.routine import ROUTINE as ASKED
from electrum_observatory.lab.driving import Message, drive, request
from electrum_observatory.lab.personalities.registry import PERSONALITIES
from electrum_observatory.lab.state import PeerState, ServerState
from electrum_observatory.model.dialogue import Dialogue, Exchange
from electrum_observatory.model.endpoint import Transport
from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Subject
from electrum_observatory.scanner.probes.opening import handshake
from electrum_observatory.scanner.probes.registry import BATTERY
from tests.fingerprints import differing
from tests.lab.personality_worlds import make_node, make_state, start, transactions

SUBJECT = Subject(network=NETWORKS["bitcoin"], reference=None, client_name="test")
PING = request(99_999, "server.ping")
UNUSED = (Group.AGGRESSIVE, Group.SWEEPS)
QUESTIONS = tuple(probe for probe in BATTERY if probe.group not in UNUSED and probe.steps(SUBJECT))
"""What the scanner asks of anybody, as it asks it; sweeps have no part in the hash."""
ROUTINE = tuple(
    request(asked.first_id, asked.method, params)
    for asked in sorted(ASKED.values(), key=lambda asked: asked.method in ("server.features", "mempool.get_info"))
    for params in asked.params or ((),)
)
"""On the last two, old esplora closes."""
STRANGER = make_state(
    node=make_node(
        height=250,
        mempool=transactions(5, 90_000),
        relay_fee=0.000001,
        mempool_min_fee=0.00003,
        estimate=lambda _target: 0.00234,
        version=299900,
        subversion="/Satoshi:29.99.0/",
    ),
    banner="Welcome to our house! Höhe 900123 🚀",
    donation_address="bc1qexampledonation",
    hosts={"stranger.example.net": {Transport.TCP: 60001, Transport.SSL: 60002}},
    peers=(
        PeerState(host="other.example", address="198.51.100.9", protocol_max="1.6", tcp_port=50007, ssl_port=50008),
    ),
    local_address="192.0.2.77",
    local_ports={Transport.TCP: 60001},
)
WITHOUT_CHOICES = {"bwt", "eps", "floresta", "frigate"}
"""Programs for one's own wallet, whose texts are fixed."""


def messages(question: BehaviourProbe) -> list[Message]:
    opening = handshake(question.opening, SUBJECT.client_name)
    steps = [*([] if opening is None else [opening]), *question.steps(SUBJECT)]
    return [*(Message(name=f"{question.id} {step.name}", sent=step.line) for step in steps), PING]


def visit(
    personality: str,
    state: ServerState | None = None,
    *,
    transport: Transport = Transport.TCP,
    at: float = 10.0,
    seed: int = 1,
    questions: Sequence[BehaviourProbe] = QUESTIONS,
) -> list[Dialogue]:
    """Put the routine questions on one connection, and each further question on one of its own."""
    program = start(personality, state, seed=seed)
    hello = request(0, "server.version", ["test", ["1.4", "1.6"]])
    dialogues = []
    for asked in ([hello, *ROUTINE], *map(messages, questions)):
        dialogue, at = drive(program, asked, at=at + 1.0, transport=transport)
        dialogues.append(dialogue)
    return dialogues


@cache
def usual(personality: str) -> Fingerprint:
    return fingerprint(visit(personality))


@pytest.mark.parametrize("personality", sorted(PERSONALITIES))
def test_two_servers_of_one_build_are_equal_whatever_their_operators_nodes_and_hours(personality: str) -> None:
    other = fingerprint(visit(personality, STRANGER, at=700_000.0, seed=99))

    assert differing(usual(personality), other) == {}
    assert (usual(personality).behaviour, usual(personality).coverage) == (other.behaviour, other.coverage)
    assert (usual(personality).operator != other.operator) == (personality not in WITHOUT_CHOICES)


ALIKE = (
    # Checkouts that answer like a release, or differ from it in a histogram, a limit or a rhythm only.
    {"electrumx_1_16_git", "electrumx_1_16_git_2022_01"},
    {"electrumx_1_16_git_2025_02_19", "electrumx_1_16_git_2025_02_26", "electrumx_1_17"},
    {"electrumx_1_17_git_2025_05", "electrumx_1_18"},
    {"electrumx_1_18_git_2025_10_24", "electrumx_1_18_git_2025_10_27"},
    {"electrumx_1_18_git_2025_11", "electrumx_1_19", "electrumx_1_19_git_2025_11", "electrumx_1_20"},
    {"fulcrum_1_9", "fulcrum_1_9_2"},
    {"fulcrum_1", "fulcrum_1_10", "fulcrum_1_11", "fulcrum_1_12", "fulcrum_2_0"},
    {"fulcrum_2", "fulcrum_2_1_1"},
    {"electrumx_2_0", "electrumx_2_0_git_2026_06"},
    {
        "electrs_romanz",
        "electrs_romanz_0_9_14",
        "electrs_romanz_0_10",
        "electrs_romanz_0_10_6",
        "electrs_romanz_0_11",
        "electrs_romanz_0_11_1",
    },
)
"""Builds that these questions do not tell apart without the node's numbers."""


def test_builds_that_behave_differently_have_different_hashes() -> None:
    alike = defaultdict(set)
    for personality in PERSONALITIES:
        alike[usual(personality).behaviour].add(personality)

    together = [group for group in alike.values() if len(group) > 1]
    assert all(any(group <= expected for expected in ALIKE) for group in together), together


@pytest.mark.parametrize(
    "personality", ["electrumx_1_16", "electrumx_1_18", "electrumx_1_20", "fulcrum_2", "electrs_romanz"]
)
def test_transports_differ_in_line_ends_and_padding_only(personality: str) -> None:
    raw = usual(personality)
    secured = fingerprint(visit(personality, transport=Transport.SSL))
    framed = fingerprint(visit(personality, transport=Transport.WS))

    assert secured == raw
    assert differing(raw, framed) == {}
    assert dict(raw.aspects).keys() - dict(framed.aspects).keys() == {"padding", "terminator"}
    assert framed.coverage != raw.coverage


def test_fewer_questions_give_a_hash_that_says_it_is_not_comparable() -> None:
    fewer = fingerprint(visit("fulcrum_2", questions=QUESTIONS[:20]))

    assert differing(usual("fulcrum_2"), fewer) == {}
    assert fewer.coverage != usual("fulcrum_2").coverage


def test_a_server_without_an_answer_has_no_fingerprint() -> None:
    assert fingerprint([]) == Fingerprint(behaviour=None, coverage=None, operator=None, aspects=(), choices=())


def test_a_name_of_another_version_changes_nothing() -> None:
    lying = [replace(dialogue, exchanges=tuple(map(renamed, dialogue.exchanges))) for dialogue in visit("fulcrum_2")]

    assert any(b"Fulcrum 1.9.0" in line.data for one in lying for line in one.exchanges[0].lines)
    assert fingerprint(lying).behaviour == usual("fulcrum_2").behaviour


def renamed(exchange: Exchange) -> Exchange:
    lines = [replace(line, data=line.data.replace(b"Fulcrum 2.1.1", b"Fulcrum 1.9.0")) for line in exchange.lines]
    return replace(exchange, lines=tuple(lines))
