"""Accounts and their addresses: the vectors of BIP44, 49, 84 and 86, whose recovery words everyone knows."""

import pytest
from embit import bip32, bip39

from electrum_observatory.bitcoin.address import AddressKind
from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.bitcoin.xpub import AccountKey

BITCOIN = NETWORKS["bitcoin"]
PUBLISHED_WORDS = "abandon " * 11 + "about"
BIP44_XPUB = (
    "xpub6BosfCnifzxcFwrSzQiqu2DBVTshkCXacvNsWGYJVVhhawA7d4R5WSWGFNbi8Aw6ZRc1brxMyWMzG3DSSSSoekkudhUd9yLb6qx39T9nMdj"
)
BIP49_UPUB = (
    "upub5EFU65HtV5TeiSHmZZm7FUffBGy8UKeqp7vw43jYbvZPpoVsgU93oac7Wk3u6moKegAEWtGNF8DehrnHtv21XXEMYRUocHqguyjknFHYfgY"
)
BIP84_ZPUB = (
    "zpub6rFR7y4Q2AijBEqTUquhVz398htDFrtymD9xYYfG1m4wAcvPhXNfE3EfH1r1ADqtfSdVCToUG868RvUUkgDKf31mGDtKsAYz2oz2AGutZYs"
)
BIP86_XPUB = (
    "xpub6BgBgsespWvERF3LHQu6CnqdvfEvtMcQjYrcRzx53QJjSxarj2afYWcLteoGVky7D3UKDP9QyrLprQ3VCECoY49yfdDEHGCtMMj92pReUsQ"
)


def addresses(key: str, kind: str, count: int, *, change: bool = False, network: str = "bitcoin") -> list[str]:
    account = AccountKey.parse(key)
    return [a.address for a in account.addresses(AddressKind(kind), NETWORKS[network], count=count, change=change)]


def test_bip44_account_of_the_published_words() -> None:
    assert addresses(BIP44_XPUB, "p2pkh", 2) == [
        "1LqBGSKuX5yYUonjxT5qGfpUsXKYYWeabA",
        "1Ak8PffB2meyfYnbXZR9EGfLfFZVpzJvQP",
    ]


def test_bip49_vector() -> None:
    assert addresses(BIP49_UPUB, "p2sh-p2wpkh", 1, network="testnet3") == ["2Mww8dCYPUpKHofjgcXcBCEGmniw9CoaiD2"]


def test_bip84_vectors_of_both_branches() -> None:
    assert addresses(BIP84_ZPUB, "p2wpkh", 2) == [
        "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu",
        "bc1qnjg0jd8228aq7egyzacy8cys3knf9xvrerkf9g",
    ]
    assert addresses(BIP84_ZPUB, "p2wpkh", 1, change=True) == ["bc1q8c6fshw2dlwun7ekn9qwf37cu2rn755upcp6el"]


def test_bip86_vectors_of_both_branches() -> None:
    assert addresses(BIP86_XPUB, "p2tr", 2) == [
        "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr",
        "bc1p4qhjn9zdvkux4e44uhx8tc55attvtyu358kutcqkudyccelu0was9fqzwh",
    ]
    assert addresses(BIP86_XPUB, "p2tr", 1, change=True) == [
        "bc1p3qkhfews2uk44qtvauqyr2ttdsw7svhkl9nkm9s9c3x4ax5h60wqwruhk7"
    ]


@pytest.mark.parametrize(
    ("kind", "path", "published"),
    [
        ("p2pkh", "m/44h/0h/0h", BIP44_XPUB),
        ("p2wpkh", "m/84h/0h/0h", BIP84_ZPUB),
        ("p2tr", "m/86h/0h/0h", BIP86_XPUB),
    ],
)
def test_the_vectors_belong_to_the_published_words(kind: str, path: str, published: str) -> None:
    master = bip32.HDKey.from_seed(bip39.mnemonic_to_seed(PUBLISHED_WORDS))

    assert addresses(master.derive(path).to_public().to_base58(), kind, 3) == addresses(published, kind, 3)


def test_derived_address_carries_path_script_and_scripthash() -> None:
    (derived,) = AccountKey.parse(BIP84_ZPUB).addresses(AddressKind.P2WPKH, BITCOIN, count=1, first=1)

    assert derived.path == "0/1"
    assert derived.kind is AddressKind.P2WPKH
    assert derived.script_hex == "00149c90f934ea51fa0f6504177043e0908da6929983"
    assert len(bytes.fromhex(derived.scripthash)) == 32


def test_a_private_key_is_refused_and_not_repeated() -> None:
    private = bip32.HDKey.from_seed(bip39.mnemonic_to_seed(PUBLISHED_WORDS)).to_base58()

    with pytest.raises(ValueError, match="PRIVATE") as caught:
        AccountKey.parse(private)

    assert private not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["", "xpub", BIP44_XPUB[:-1], BIP44_XPUB[:-1] + "k", "1LqBGSKuX5yYUonjxT5qGfpUsXKYYWeabA", "bc1q", "é"],
)
def test_what_is_no_extended_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an extended public key"):
        AccountKey.parse(text)


def test_a_key_of_another_network_is_refused() -> None:
    with pytest.raises(ValueError, match="for bitcoin, not for regtest"):
        addresses(BIP44_XPUB, "p2pkh", 1, network="regtest")


def test_a_key_that_commits_to_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="commits to p2wpkh addresses, not to p2tr"):
        addresses(BIP84_ZPUB, "p2tr", 1)


@pytest.mark.parametrize(("first", "count"), [(-1, 1), (0, -1), (2**31 - 1, 2)])
def test_indices_out_of_range_are_refused(first: int, count: int) -> None:
    with pytest.raises(ValueError, match="indices run from 0"):
        AccountKey.parse(BIP44_XPUB).addresses(AddressKind.P2PKH, BITCOIN, count=count, first=first)


def test_a_lab_seed_gives_the_same_account_every_time() -> None:
    kind, regtest = AddressKind.P2WPKH, NETWORKS["regtest"]

    once, again, other = (AccountKey.from_lab_seed(seed, kind, regtest) for seed in ("lab", "lab", "lab 2"))

    first = next(once.addresses(kind, regtest, count=1)).address
    assert first == next(again.addresses(kind, regtest, count=1)).address
    assert first != next(other.addresses(kind, regtest, count=1)).address


def test_recovery_words_taken_as_a_lab_seed_do_not_lead_to_their_wallet() -> None:
    account = AccountKey.from_lab_seed(PUBLISHED_WORDS, AddressKind.P2WPKH, BITCOIN)

    made = {derived.address for derived in account.addresses(AddressKind.P2WPKH, BITCOIN, count=5)}

    assert made.isdisjoint(addresses(BIP84_ZPUB, "p2wpkh", 5))


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("kind", AddressKind)
def test_a_lab_seed_works_for_every_kind_on_every_network(kind: AddressKind, network: str) -> None:
    account = AccountKey.from_lab_seed("x", kind, NETWORKS[network])

    assert len({derived.address for derived in account.addresses(kind, NETWORKS[network], count=3)}) == 3
    assert not account.node.is_private
