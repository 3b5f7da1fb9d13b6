"""Every line that further visits send: it asks, and changes nothing, about nobody's money and under our own name."""

import re
from collections.abc import Iterator
from functools import cache

import pytest

from electrum_observatory.bitcoin.address import AddressKind
from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.bitcoin.published import PUBLISHED_ADDRESSES, published_scripts
from electrum_observatory.bitcoin.reference import bundled_reference
from electrum_observatory.scanner.behaviour import Group, Opening, Subject
from electrum_observatory.scanner.packing import requests_of
from electrum_observatory.scanner.probes.opening import handshake
from electrum_observatory.scanner.probes.registry import BATTERY
from electrum_observatory.scanner.subjects import UNUSED_SCRIPTHASH
from electrum_observatory.scanner.treatment import treatment_visits

OURS = "electrum-observatory/0.0.test"
SUBJECTS = [
    Subject(network=one, reference=bundled_reference(name), client_name=OURS, campaign="c")
    for name, one in NETWORKS.items()
]
HASH = re.compile(rb'"([0-9a-fA-F]{64})[0-9a-fA-F]*"')
METHOD = re.compile(rb'"method":\s*"([^"]*)"')
NAME = re.compile(rb'"server\.version".*?"params":\s*\["([^"]*)"')
HARMLESS = re.compile(
    rb"|server\.(version|ping|banner|features)|mempool\.get_info|no\.such|getinfo|blockchain\.("
    rb"block\.headers?|estimatefee|relayfee|numblocks\.subscribe|headers\.(get_tip|subscribe)|utxo\.get_info|"
    rb"address\.get_(balance|history)|transaction\.(get|get_merkle|get_height|id_from_pos|dsproof\.list)|"
    rb"scripthash\.(get_(balance|history|mempool|first_use|status)|listunspent|subscribe|unsubscribe))"
)
"""Every method that is asked for. None of them leaves anything behind at a server but a subscription of ours."""


def battery_lines(subject: Subject) -> Iterator[bytes]:
    for opening in Opening:
        step = handshake(opening, subject.client_name)
        if step is not None:
            yield step.line
    for probe in BATTERY:
        yield from (step.line for step in probe.steps(subject))


def treatment_lines(subject: Subject) -> Iterator[bytes]:
    for visit in treatment_visits("tcp://a.example.org:1", subject, batches=2, rounds=2, first_number=1):
        for probe in visit.probes:
            yield from (step.line for step in probe.steps(subject))


@cache
def published() -> frozenset[str]:
    """Scripts that the BIPs published, and two numbers that nobody has."""
    known = {one.scripthash for one in PUBLISHED_ADDRESSES} | {UNUSED_SCRIPTHASH, "00" * 32}
    for kind in (AddressKind.P2PKH, AddressKind.P2SH_P2WPKH, AddressKind.P2WPKH, AddressKind.P2TR):
        known |= {one.scripthash for one in published_scripts(kind, count=100, first=1_000)}
    return frozenset(known)


def known_hashes(subject: Subject) -> set[str]:
    """What was published, and what the chain's reference names."""
    known = set(published())
    if subject.reference is not None:
        known |= {one.scripthash for one in subject.reference.frozen_scripts}
        known |= {one.txid for one in subject.reference.frozen_transactions}
    return known


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda one: one.network.network_id)
def test_no_line_sends_a_transaction_announces_a_peer_or_asks_about_anybody(subject: Subject) -> None:
    known, lines = known_hashes(subject), [*battery_lines(subject), *treatment_lines(subject)]

    assert len(lines) > 100
    for line in lines:
        assert all(HARMLESS.fullmatch(method) for method in METHOD.findall(line)), line
        assert not {text.decode().lower() for text in HASH.findall(line)} - known, line
        assert len(line) < 2_000
        assert line.count(b"[") + line.count(b"{") < 10, "deep nesting hangs old servers"
        assert line.isascii() or line.decode()


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda one: one.network.network_id)
def test_we_say_who_we_are_wherever_nobody_asked_for_a_wallets_name(subject: Subject) -> None:
    said = {name for line in battery_lines(subject) for name in NAME.findall(line)}
    in_arms = {name for line in treatment_lines(subject) for name in NAME.findall(line)}

    assert said == {OURS.encode()}
    assert in_arms > {OURS.encode()}, "a wallet's name too, where a person asked for --treatment"


def test_what_no_stranger_is_asked_is_aggressive() -> None:
    (subject,) = [one for one in SUBJECTS if one.network.network_id == "bitcoin"]
    for probe in BATTERY:
        readable = all(step.line[:1] in b"{[" for step in probe.steps(subject))
        gentle = readable and requests_of(probe) < 40 and probe.in_flight <= 10
        assert gentle == (probe.group is not Group.AGGRESSIVE), probe.id
