from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.scanner.probes.server_version import ServerVersionProbe, read_server_version
from tests.unit.scanner.harness import Put, reply_to
from tests.unit.scanner.scripted import CLOSE, error_reply, reply


def test_a_range_is_offered_under_our_own_name() -> None:
    put = Put(ServerVersionProbe())

    assert put.sent == [
        {
            "jsonrpc": "2.0",
            "id": 0,
            "method": "server.version",
            "params": ["electrum-observatory/0.1.0", ["1.4", "1.6"]],
        }
    ]
    assert (put.result.software, put.result.protocol) == ("ElectrumX 1.16.0", "1.4.2")
    assert put.result.offered == ("1.4", "1.6")
    assert not put.result.retried_plain


def test_a_refused_range_is_followed_by_a_plain_version_on_the_same_connection() -> None:
    def romanz_0_9_0(message):  # field reference §2.2, trap T28: refuses any range and stays open
        if isinstance(message["params"][1], list):
            refusal = 'electrum-observatory/0.1.0 requested Range("1.4", "1.6"), server supports 1.4'
            return [error_reply(message["id"], 1, refusal)]
        return [reply(message["id"], ["electrs/0.9.0", "1.4"])]

    put = Put(ServerVersionProbe(), romanz_0_9_0)

    assert [message["params"][1] for message in put.sent] == [["1.4", "1.6"], "1.4"]
    assert [message["id"] for message in put.sent] == [0, 1]
    assert (put.result.software, put.result.protocol) == ("electrs/0.9.0", "1.4")
    assert put.result.retried_plain
    assert put.result.offered == ("1.4",)
    assert [witness.label for witness in put.witnesses] == ["0", "1"], "the refusal is kept too"


def test_a_close_after_the_refusal_is_a_failure_that_keeps_the_refusal() -> None:
    def closing(message):  # ElectrumX closes after "unsupported protocol version"
        return [error_reply(message["id"], 1, "unsupported protocol version: ['1.4', '1.6']"), CLOSE]

    put = Put(ServerVersionProbe(), closing)

    assert put.failure == (Stage.REQUEST, FailureKind.EOF)
    assert [witness.label for witness in put.witnesses] == ["0"]


def test_the_plain_probe_offers_no_range_at_all() -> None:
    put = Put(ServerVersionProbe(plain=True))

    assert [message["params"][1] for message in put.sent] == ["1.4"]
    assert put.result.retried_plain


def test_a_refusal_of_the_plain_version_too_is_a_result() -> None:
    put = Put(ServerVersionProbe(), lambda message: [error_reply(message["id"], -32003, "Unsupported version")])

    assert put.result.software is None
    assert put.result.error.code == -32003


def test_a_padded_reply_reads_like_any_other() -> None:
    padded = reply_to(b'["ElectrumX 1.18.0","1.4.3"]' + b" " * 950)

    result = read_server_version(padded, offered=("1.4", "1.6"), retried_plain=False)

    assert (result.software, result.protocol) == ("ElectrumX 1.18.0", "1.4.3")


def test_a_software_without_protocol_is_read_as_old_servers_sent_it() -> None:
    result = read_server_version(reply_to(b'"ElectrumX 1.0"'), offered=("1.4",), retried_plain=True)

    assert (result.software, result.protocol) == ("ElectrumX 1.0", None)


def test_the_stock_reply_to_a_dropped_client_is_no_handshake() -> None:
    put = Put(ServerVersionProbe(), lambda message: [reply(message["id"], 1), CLOSE])

    assert put.failure == (Stage.REQUEST, FailureKind.UNEXPECTED_RESULT)
    assert [witness.label for witness in put.witnesses] == ["0"]
