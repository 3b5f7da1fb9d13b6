"""Scripts, addresses and scripthashes against published vectors."""

import pytest

from electrum_observatory.bitcoin.address import AddressKind, decode_address, encode_address, output_script
from electrum_observatory.bitcoin.networks import NETWORKS, Network
from electrum_observatory.bitcoin.scripthash import scripthash

GENERATOR = bytes.fromhex("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")
"""The public key of the private key 1: the example of BIP173 and of half the documentation of Bitcoin."""


def test_scripthash_of_the_genesis_address_is_the_one_of_the_protocol_page() -> None:
    script = bytes.fromhex("76a91462e907b15cbf27d5425399ebf6f0fb50ebb88f1888ac")  # 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa

    assert scripthash(script) == "8b01df4e368ea28f8dc0423bcf7a4923e3a12d307c875e47a0cfbf90b5c39161"


@pytest.mark.parametrize(
    ("kind", "script", "address"),
    [
        ("p2pkh", "76a914751e76e8199196d454941c45d1b3a323f1433bd688ac", "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH"),
        ("p2sh-p2wpkh", "a914bcfeb728b584253d5f3f70bcb780e9ef218a68f487", "3JvL6Ymt8MVWiCNHC7oWU6nLeHNJKLZGLN"),
        ("p2wpkh", "0014751e76e8199196d454941c45d1b3a323f1433bd6", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
    ],
)
def test_published_addresses_of_the_private_key_one(kind: str, script: str, address: str) -> None:
    made = output_script(AddressKind(kind), GENERATOR)

    assert made.hex() == script
    assert encode_address(made, NETWORKS["bitcoin"]) == address


def test_p2wsh_is_the_one_of_one_multisig() -> None:
    import hashlib

    witness_script = b"\x51\x21" + GENERATOR + b"\x51\xae"  # OP_1 <33 bytes> OP_1 OP_CHECKMULTISIG

    assert output_script(AddressKind.P2WSH, GENERATOR) == b"\x00\x20" + hashlib.sha256(witness_script).digest()


def test_taproot_output_is_that_of_the_bip341_wallet_vector_without_scripts() -> None:
    internal = bytes.fromhex("02d6889cb081036e0faefa3a35157ad71086b123b2b144b649798b494c300a961d")

    script = output_script(AddressKind.P2TR, internal)

    assert script.hex() == "512053a1f6e454df1aa2776a2814a721372d6258050de330b3c6d10ee8f4e0dda343"
    assert encode_address(script, NETWORKS["bitcoin"]) == (
        "bc1p2wsldez5mud2yam29q22wgfh9439spgduvct83k3pm50fcxa5dps59h4z5"
    )


@pytest.mark.parametrize(
    ("network", "prefixes"),
    [
        ("bitcoin", ("1", "3", "bc1q", "bc1q", "bc1p")),
        ("testnet3", ("mn", "2", "tb1q", "tb1q", "tb1p")),
        ("testnet4", ("mn", "2", "tb1q", "tb1q", "tb1p")),
        ("signet", ("mn", "2", "tb1q", "tb1q", "tb1p")),
        ("regtest", ("mn", "2", "bcrt1q", "bcrt1q", "bcrt1p")),
        ("litecoin-regtest", ("mn", "Q", "rltc1q", "rltc1q", "rltc1p")),
    ],
)
def test_every_network_spells_every_kind_its_way(network: str, prefixes: tuple[str, ...]) -> None:
    addresses = [encode_address(output_script(kind, GENERATOR), NETWORKS[network]) for kind in AddressKind]

    for address, prefix in zip(addresses, prefixes, strict=True):
        assert address.startswith(tuple(prefix) if prefix == "mn" else prefix)


@pytest.mark.parametrize("key", [b"", b"\x02" * 5, b"\x05" + GENERATOR[1:], b"\x02" + b"\xff" * 32])
def test_what_is_no_public_key_is_refused(key: bytes) -> None:
    with pytest.raises(ValueError, match="not a public key"):
        output_script(AddressKind.P2WPKH, key)


def test_an_uncompressed_key_is_refused() -> None:
    uncompressed = bytes.fromhex(
        "0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
        "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8"
    )

    with pytest.raises(ValueError, match="not a compressed public key"):
        output_script(AddressKind.P2PKH, uncompressed)


def test_a_script_without_an_address_is_refused() -> None:
    with pytest.raises(ValueError, match="address"):
        encode_address(b"\x6a\x01\x00", NETWORKS["bitcoin"])


@pytest.mark.parametrize("network", NETWORKS.values(), ids=lambda one: one.network_id)
@pytest.mark.parametrize("kind", AddressKind)
def test_an_address_is_read_back_as_the_script_that_it_spells(kind: AddressKind, network: Network) -> None:
    script = output_script(kind, GENERATOR)
    address = encode_address(script, network)

    assert decode_address(address, network) == script


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMh",  # one letter mistyped
        "mrCDrCybB6J1vRfbwM5hemdJz73FwDBC8r",  # of testnet
        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
        "bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4",  # BIP350, among the invalid ones
        "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx",
        "KwDiBf89QgGbjEhKnhXJuH7LrciVrZi3qYjgd9M7rFU73sVHnoWn",  # the private key 1
        "bc1",
        "\u0661",
    ],
)
def test_what_is_no_address_of_the_network_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="address"):
        decode_address(text, NETWORKS["bitcoin"])
