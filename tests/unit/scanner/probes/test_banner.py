from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.scanner.probes.banner import BannerProbe
from tests.unit.scanner.harness import Put
from tests.unit.scanner.scripted import error_reply


def test_text_is_kept_exactly_as_sent() -> None:
    put = Put(BannerProbe(), results={"server.banner": "Hi\n\x1b[31m<b>é</b>\u0000"})

    assert put.result.text == "Hi\n\x1b[31m<b>é</b>\u0000"


def test_null_is_a_banner_too() -> None:
    put = Put(BannerProbe(), results={"server.banner": None})

    assert (put.result.text, put.result.error) == (None, None)


def test_an_error_reply_is_a_result() -> None:
    put = Put(BannerProbe(), lambda message: [error_reply(message["id"], -32603, "internal server error")])

    assert (put.result.text, put.result.error.code) == (None, -32603)


def test_a_number_is_no_banner() -> None:
    put = Put(BannerProbe(), results={"server.banner": 5})

    assert put.failure == (Stage.REQUEST, FailureKind.UNEXPECTED_RESULT)
