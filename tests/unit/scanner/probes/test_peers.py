from electrum_observatory.model.endpoint import Transport
from electrum_observatory.scanner.probes.peers import PeersProbe, read_peers
from tests.unit.scanner.harness import Put, error_of, reply_to

ROWS = (
    b'[["5.9.1.3","B.Example.Org",["v1.4.2","p10000","s50002","t"]],'
    b'["abc.onion",7,["t"]],'
    b'["2001:db8::1","2001:db8::1",["s443"]]]'
)


def test_rows_are_read_with_every_service_and_claim() -> None:
    result = read_peers(reply_to(ROWS))

    first = result.peers[0]
    assert (first.host, first.address, first.protocol_max, first.pruning) == (
        "b.example.org",
        "5.9.1.3",
        "1.4.2",
        "10000",
    )
    assert [(one.transport, one.port) for one in first.services] == [(Transport.SSL, 50002), (Transport.TCP, None)]


def test_one_malformed_row_is_counted_and_spoils_no_other() -> None:
    result = read_peers(reply_to(ROWS))

    assert (result.rows, result.malformed) == (3, 1)
    assert [peer.host for peer in result.peers] == ["b.example.org", "2001:db8::1"]


def test_a_server_without_peers_says_an_empty_list() -> None:
    result = Put(PeersProbe(), results={"server.peers.subscribe": []}).result

    assert (result.peers, result.rows, result.error) == ((), 0, None)


def test_an_error_reply_is_a_result() -> None:
    assert read_peers(error_of(b'{"code":-32601,"message":"no"}')).error.code == -32601
