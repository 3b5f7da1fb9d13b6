"""The networks we know: what tells one chain from another before anything else is asked.

Genesis hashes and ports: Bitcoin Core ``kernel/chainparams.cpp``, Litecoin ``chainparams.cpp``, Electrum
``constants.py``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class ProofOfWork(StrEnum):
    """The hash function whose value must be below the target. Block ids are double SHA-256 on all of these chains."""

    SHA256D = "sha256d"
    SCRYPT = "scrypt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """One chain.

    Attributes:
        network_id: Stable id, as ``--network`` takes it.
        genesis_hash: Block id of block 0, display order.
        tcp_port: Electrum's default port for plain connections.
        ssl_port: Electrum's default port for TLS.
        proof_of_work: See :class:`ProofOfWork`.
        p2pkh_prefix: Version byte of pay-to-pubkey-hash addresses.
        p2sh_prefix: Version byte of pay-to-script-hash addresses.
        bech32_hrp: Human-readable part of segwit addresses.
        has_value: Whether its coins have a price. On such a network we are guests of strangers.
    """

    network_id: str
    genesis_hash: str
    tcp_port: int
    ssl_port: int
    proof_of_work: ProofOfWork
    p2pkh_prefix: int
    p2sh_prefix: int
    bech32_hrp: str
    has_value: bool


def _test_network(network_id: str, genesis_hash: str, hrp: str) -> Network:
    return Network(
        network_id=network_id,
        genesis_hash=genesis_hash,
        tcp_port=51001,
        ssl_port=51002,
        proof_of_work=ProofOfWork.SHA256D,
        p2pkh_prefix=0x6F,
        p2sh_prefix=0xC4,
        bech32_hrp=hrp,
        has_value=False,
    )


_ALL = (
    Network(
        network_id="bitcoin",
        genesis_hash="000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f",
        tcp_port=50001,
        ssl_port=50002,
        proof_of_work=ProofOfWork.SHA256D,
        p2pkh_prefix=0x00,
        p2sh_prefix=0x05,
        bech32_hrp="bc",
        has_value=True,
    ),
    _test_network("testnet3", "000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943", "tb"),
    _test_network("testnet4", "00000000da84f2bafbbc53dee25a72ae507ff4914b867c565be350b0da8bf043", "tb"),
    _test_network("signet", "00000008819873e925422c1ff0f99f7cc9bbb232af63a077a480a3633bee1ef6", "tb"),
    _test_network("regtest", "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206", "bcrt"),
    Network(
        network_id="litecoin-regtest",
        genesis_hash="530827f38f93b43ed12af0b3ad25a288dc02ed74d6d7857862df51fc56c416f9",
        tcp_port=51001,
        ssl_port=51002,
        proof_of_work=ProofOfWork.SCRYPT,
        p2pkh_prefix=0x6F,
        p2sh_prefix=0x3A,
        bech32_hrp="rltc",
        has_value=False,
    ),
)

NETWORKS: Mapping[str, Network] = MappingProxyType({network.network_id: network for network in _ALL})
"""Every network, by id."""
