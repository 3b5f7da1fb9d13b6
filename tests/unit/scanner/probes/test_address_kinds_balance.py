"""Balances."""

from electrum_observatory.scanner.probes.address_kinds_balance import AddressKindsBalanceProbe
from tests.unit.scanner.battery_harness import put, question_lines

LINES = [
    (
        b'{"jsonrpc":"2.0","id":1350,"method":"blockchain.scripthash.get_balance","params":["eb627ff'
        b'edaa80935678c5f70038b5288a78492068c274ea287957cb987b6c590"]}\n'
    ),
    (
        b'{"jsonrpc":"2.0","id":1351,"method":"blockchain.scripthash.get_balance","params":["fe50ad3'
        b'261e3c01e61a107f40ae7d762b1e276721c803cc4aee55187effe6d7f"]}\n'
    ),
    (
        b'{"jsonrpc":"2.0","id":1352,"method":"blockchain.scripthash.get_balance","params":["48d4bc4'
        b'257d5177c6a44dfa0e3fd17916fc15b39b8a1cbb0aa297b059f826425"]}\n'
    ),
    (
        b'{"jsonrpc":"2.0","id":1353,"method":"blockchain.scripthash.get_balance","params":["94ef097'
        b'65c3092cd7a1d9f7a6e1ff861e446fd795d1e8a93f427c42df7ffe123"]}\n'
    ),
    (
        b'{"jsonrpc":"2.0","id":1354,"method":"blockchain.scripthash.get_balance","params":["34bf85e'
        b'f0d112a3f0b699df256ed691d377cfcb47eb9fbdf0876766862bedbc9"]}\n'
    ),
]
ANSWERS = [
    b'{"jsonrpc":"2.0","result":{"confirmed":0,"unconfirmed":0},"id":1350}\n',
    b'{"jsonrpc":"2.0","result":{"confirmed":0,"unconfirmed":0},"id":1351}\n',
    b'{"jsonrpc":"2.0","result":{"confirmed":0,"unconfirmed":0},"id":1352}\n',
    b'{"jsonrpc":"2.0","result":{"confirmed":0,"unconfirmed":0},"id":1353}\n',
    b'{"jsonrpc":"2.0","result":{"confirmed":0,"unconfirmed":0},"id":1354}\n',
]


def test_exactly_these_lines_are_sent() -> None:
    called = put(AddressKindsBalanceProbe(), *ANSWERS)

    assert question_lines(called) == LINES


def test_what_comes_is_kept_to_the_byte() -> None:
    probe = AddressKindsBalanceProbe()
    called = put(probe, *ANSWERS)

    kept = [lines for _, lines in called.lines(probe)]
    assert kept[: len(ANSWERS)] == [[answer] for answer in ANSWERS]
    assert called.notebook.errors <= probe.cost.errors
