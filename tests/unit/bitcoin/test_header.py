"""Block headers against the genesis blocks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from electrum_observatory.bitcoin.header import HEADER_BYTES, parse_header, serialise_header
from electrum_observatory.bitcoin.networks import NETWORKS, ProofOfWork

MERKLE = "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b"
GENESIS_FIELDS = {
    "bitcoin": (1231006505, 0x1D00FFFF, 2083236893),
    "testnet3": (1296688602, 0x1D00FFFF, 414098458),
    "signet": (1598918400, 0x1E0377AE, 52613770),
    "regtest": (1296688602, 0x207FFFFF, 2),
}


@pytest.mark.parametrize("network", GENESIS_FIELDS)
def test_genesis_headers_hash_to_the_known_genesis_hashes(network: str) -> None:
    timestamp, bits, nonce = GENESIS_FIELDS[network]

    raw = serialise_header(
        version=1, previous_hash="00" * 32, merkle_root=MERKLE, timestamp=timestamp, bits=bits, nonce=nonce
    )

    assert parse_header(raw).block_hash == NETWORKS[network].genesis_hash


def test_litecoin_regtest_genesis() -> None:
    raw = serialise_header(
        version=1,
        previous_hash="00" * 32,
        merkle_root="97ddfbbae6be97fd6cdf3e7ca13232a3afff2353e29badfab7f73011edd4ced9",
        timestamp=1296688602,
        bits=0x207FFFFF,
        nonce=0,
    )

    network = NETWORKS["litecoin-regtest"]
    assert parse_header(raw).block_hash == network.genesis_hash
    assert network.proof_of_work is ProofOfWork.SCRYPT


@given(raw=st.binary(min_size=HEADER_BYTES, max_size=HEADER_BYTES))
def test_every_80_bytes_come_back_from_their_fields(raw: bytes) -> None:
    header = parse_header(raw)

    assert raw == serialise_header(
        version=header.version,
        previous_hash=header.previous_hash,
        merkle_root=header.merkle_root,
        timestamp=header.timestamp,
        bits=header.bits,
        nonce=header.nonce,
    )


@pytest.mark.parametrize("length", [0, 79, 81, 160])
def test_another_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match=f"80 bytes, not {length}"):
        parse_header(bytes(length))


def test_networks_are_told_apart_by_genesis_and_only_bitcoin_has_value() -> None:
    assert len({network.genesis_hash for network in NETWORKS.values()}) == len(NETWORKS)
    assert [network.network_id for network in NETWORKS.values() if network.has_value] == ["bitcoin"]
    assert all(network.network_id == key for key, network in NETWORKS.items())
