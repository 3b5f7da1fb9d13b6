"""The layer by itself: what it bears after a handshake, and what it does not offer."""

import ssl

import pytest

from electrum_observatory.net.tls import TlsLayer, legacy_context, modern_context

_PING = b"\x89\x04abcd"  # as WebSocket servers send them every 20 seconds


@pytest.fixture
def agreed(server_context: ssl.SSLContext) -> tuple[TlsLayer, TlsLayer]:
    """A client and a server that have agreed on TLS."""
    client, server = TlsLayer(modern_context()), TlsLayer(server_context, server_side=True)
    client.start()
    while not (client.established and server.established):
        server.feed(client.outgoing())
        client.feed(server.outgoing())
    return client, server


def test_tiny_records_are_no_flood_however_many_they_are(agreed: tuple[TlsLayer, TlsLayer]) -> None:
    client, server = agreed

    for _ in range(10_000):
        server.write(_PING)
        assert client.feed(server.outgoing()) == _PING

    assert client.error is None


@pytest.mark.parametrize("context", [modern_context(), legacy_context()], ids=["modern", "legacy"])
def test_no_key_exchange_is_offered_whose_numbers_the_server_alone_chooses(context: ssl.SSLContext) -> None:
    offered = {cipher["kea"] for cipher in context.get_ciphers()}

    assert "kx-ecdhe" in offered
    assert not {kind for kind in offered if "dhe" in kind and "ecdhe" not in kind}
    assert ssl.OP_NO_RENEGOTIATION in context.options
