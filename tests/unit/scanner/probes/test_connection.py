from electrum_observatory.model.endpoint import Transport
from electrum_observatory.scanner.probes.connection import read_connection
from tests.factories import make_endpoint
from tests.unit.scanner.scripted import make_facts


def test_facts_of_a_tls_connection_are_told() -> None:
    result = read_connection(make_facts())

    assert (result.connect_ms, result.tls_ms, result.websocket_ms) == (20.0, 45.0, None)
    assert (result.tls_version, result.tls_cipher, result.tls_legacy) == ("TLSv1.3", "TLS_AES_256_GCM_SHA384", False)


def test_a_plain_connection_has_no_tls_facts_at_all() -> None:
    result = read_connection(make_facts(make_endpoint(transport=Transport.TCP, port=50001), via_proxy=True))

    assert (result.tls_ms, result.tls_version, result.tls_cipher, result.tls_legacy) == (None, None, None, None)
    assert result.via_proxy
