from electrum_observatory.scanner.probes.base import Handshake
from electrum_observatory.scanner.probes.mempool_info import MempoolInfoProbe
from tests.unit.scanner.harness import Put
from tests.unit.scanner.scripted import CLOSE, error_reply


def test_members_are_kept_as_sent() -> None:
    members = {"mempoolminfee": 1e-06, "minrelaytxfee": 1e-06, "incrementalrelayfee": 1e-06}

    assert Put(MempoolInfoProbe(), results={"mempool.get_info": members}).result.fields == members


def test_the_internal_error_in_front_of_an_old_node_is_a_result() -> None:
    answer = Put(MempoolInfoProbe(), lambda message: [error_reply(message["id"], -32603, "internal server error")])

    assert (answer.result.fields, answer.result.error.code) == (None, -32603)


def test_a_close_is_a_failure() -> None:
    assert Put(MempoolInfoProbe(), lambda _message: [CLOSE]).failure is not None


def test_whoever_speaks_less_than_1_6_is_not_asked() -> None:
    at = MempoolInfoProbe().not_asked

    assert at(Handshake(negotiated="1.4.2")) == "less than protocol 1.6 was negotiated, which has no such method"
    assert at(Handshake(negotiated=None)) is not None
    assert at(Handshake(negotiated="1.6")) is None
    assert at(Handshake(negotiated="1.10")) is None
