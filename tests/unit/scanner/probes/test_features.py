import pytest

from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.scanner.probes.base import Handshake
from electrum_observatory.scanner.probes.features import FeaturesProbe, read_features
from tests.unit.scanner.harness import Put, error_of, reply_to

FULCRUM = (
    b'{"broadcast_package":true,"dsproof":false,"genesis_hash":"00ff","hash_function":"sha256",'
    b'"hosts":{"192.168.1.5":{"ssl_port":50002,"tcp_port":50001}},"protocol_max":"1.6","protocol_min":"1.4",'
    b'"pruning":null,"server_version":"Fulcrum 2.1.1"}'
)


def test_members_are_read_and_their_order_is_kept() -> None:
    result = read_features(reply_to(FULCRUM, terminator=b"\r\n"))

    assert (result.server_version, result.protocol_min, result.protocol_max) == ("Fulcrum 2.1.1", "1.4", "1.6")
    assert result.keys[:2] == ("broadcast_package", "dsproof")
    assert result.hosts == {"192.168.1.5": {"ssl_port": 50002, "tcp_port": 50001}}
    assert result.raw["broadcast_package"] is True
    assert result.services is None


def test_hosts_without_a_host_are_kept_as_sent() -> None:
    result = read_features(reply_to(b'{"hosts":{"tcp_port":50001}}'))  # romanz electrs ≤ 0.11.1

    assert result.hosts == {"tcp_port": 50001}


def test_members_of_a_wrong_type_are_null_and_stay_in_raw() -> None:
    result = read_features(reply_to(b'{"genesis_hash":7,"server_version":["x"]}'))

    assert (result.genesis_hash, result.server_version) == (None, None)
    assert result.raw == {"genesis_hash": 7, "server_version": ["x"]}


def test_a_result_of_hostile_length_is_not_kept_twice() -> None:
    def features(length: int) -> bytes:
        return b'{"services":["%b"]}' % (b"x" * (length - len(b'{"services":[""]}')))

    assert read_features(reply_to(features(65_536))).raw is not None
    longer = read_features(reply_to(features(65_537)))
    assert (longer.raw, longer.keys) == (None, ("services",))
    assert longer.services is not None


def test_an_unknown_method_is_a_result() -> None:
    result = read_features(error_of(b'"unknown method"'))  # esplora family: the error is a bare string

    assert result.error.bare_string
    assert (result.raw, result.keys) == (None, ())


def test_a_list_is_no_features() -> None:
    put = Put(FeaturesProbe(), results={"server.features": ["x"]})

    assert put.failure == (Stage.REQUEST, FailureKind.UNEXPECTED_RESULT)
    assert put.detail == 'wanted an object, got ["x"]'
    assert len(put.witnesses) == 1


@pytest.mark.parametrize("software", ["electrs-esplora 0.4.1", "mempool-electrs 3.1.0-dev-1a2b", "bwt v0.2.4"])
def test_programs_that_lack_it_are_not_asked(software: str) -> None:
    assert FeaturesProbe().not_asked(Handshake(software=software)) == f"{software} is known to lack server.features"


@pytest.mark.parametrize("software", [None, "ElectrumX 1.16.0", "electrs/0.10.10", "Fulcrum 2.1.1"])
def test_everybody_else_is(software: str | None) -> None:
    assert FeaturesProbe().not_asked(Handshake(software=software)) is None
