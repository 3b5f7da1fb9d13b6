import pytest

from electrum_observatory.scanner.probes.donation_address import DonationAddressProbe
from tests.unit.scanner.harness import Put
from tests.unit.scanner.scripted import error_reply


@pytest.mark.parametrize("address", ["", None, "1Ca1inCimwRhhcpFX84TPRrPQSryTgKW6N"])
def test_empty_null_and_an_address_are_three_facts(address: str | None) -> None:
    put = Put(DonationAddressProbe(), results={"server.donation_address": address})

    assert put.result.address == address
    assert put.result.error is None


def test_a_program_without_the_method_answers_with_an_error() -> None:
    put = Put(DonationAddressProbe(), lambda message: [error_reply(message["id"], -32601, "Method not found")])

    assert (put.result.address, put.result.error.message) == (None, "Method not found")
