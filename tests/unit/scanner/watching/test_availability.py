"""Three states, and silence: what each way to fail says of a server."""

import pytest

from electrum_observatory.model.failure import Failure, FailureKind, Side, Stage
from electrum_observatory.model.watch import Availability
from electrum_observatory.protocol.messages import RpcError
from electrum_observatory.scanner.watching.availability import availability_after, says_full


def after(kind: FailureKind) -> Availability | None:
    return availability_after(Failure(stage=Stage.CONNECT, kind=kind))


@pytest.mark.parametrize(
    "kind",
    ["connect_refused", "connection_reset", "eof", "tls_handshake", "plain_text_on_tls", "http_reply", "not_json"],
)
def test_who_answers_otherwise_than_by_serving_us_refuses(kind: str) -> None:
    assert after(FailureKind(kind)) is Availability.REFUSED


@pytest.mark.parametrize(
    "kind", ["connect_timeout", "tls_timeout", "read_timeout", "network_unreachable", "name_not_found", "unknown"]
)
def test_where_nothing_came_back_nothing_is_known(kind: str) -> None:
    assert after(FailureKind(kind)) is Availability.UNKNOWN


def test_trouble_of_our_own_says_nothing_of_anybody() -> None:
    ours = [kind for kind in FailureKind if kind.side is Side.OURS]

    assert {after(kind) for kind in ours} == {None}


@pytest.mark.parametrize(
    ("error", "full"),
    [
        (RpcError(code=-101, message="excessive resource usage"), True),
        (RpcError(code=1, message="Excessive resource usage: 12000"), True),
        (RpcError(code=-32601, message="unknown method"), False),
        (None, False),
    ],
)
def test_a_server_that_is_full_says_so(error: RpcError | None, full: bool) -> None:
    assert says_full(error) is full
