import pytest

from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.scanner.probes.base import Handshake
from electrum_observatory.scanner.probes.relay_fee import RelayFeeProbe
from tests.unit.scanner.harness import Put
from tests.unit.scanner.scripted import error_reply


@pytest.mark.parametrize("text", ["1e-05", "0.00001", "1e-06", "1e-6", "1.0E-5", "0"])
def test_the_number_is_kept_as_written(text: str) -> None:
    line = b'{"jsonrpc":"2.0","result":' + text.encode() + b',"id":90}\n'

    result = Put(RelayFeeProbe(), lambda _message: [line], negotiated="1.4").result

    assert result.btc_per_kvb == float(text)
    assert result.text == text


def test_an_unknown_method_is_a_result() -> None:
    refusal = 'unknown method "blockchain.relayfee"'
    result = Put(
        RelayFeeProbe(), lambda message: [error_reply(message["id"], -32601, refusal)], negotiated="1.4"
    ).result

    assert (result.btc_per_kvb, result.text, result.error.code) == (None, None, -32601)


@pytest.mark.parametrize("text", [b"NaN", b"1e999", b"true", b'"1e-05"', b"null"])
def test_what_is_no_finite_number_is_unexpected(text: bytes) -> None:
    put = Put(
        RelayFeeProbe(), lambda _message: [b'{"jsonrpc":"2.0","result":' + text + b',"id":90}\n'], negotiated="1.4"
    )

    assert put.failure == (Stage.REQUEST, FailureKind.UNEXPECTED_RESULT)


def test_whoever_speaks_1_6_is_not_asked() -> None:
    at = RelayFeeProbe().not_asked

    assert at(Handshake(negotiated="1.6")) == "protocol 1.6 was negotiated, which has no such method"
    assert at(Handshake(negotiated="1.6.0")) is not None
    assert at(Handshake(negotiated="1.5.3")) is None
    assert at(Handshake(negotiated=None)) is None
    assert at(Handshake(negotiated="strange")) is None
