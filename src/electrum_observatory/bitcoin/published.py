"""Keys and addresses that everybody knows: the test vectors of the BIPs. Asking about them concerns nobody's privacy.

Their owners published the recovery words with them, so nobody keeps money there; strangers still send dust to some, so
what servers answer about them is no fixed truth.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from embit import script as embit_script

from electrum_observatory.bitcoin.address import AddressKind
from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.bitcoin.scripthash import scripthash
from electrum_observatory.bitcoin.xpub import AccountKey, DerivedAddress

_ANY_NETWORK = NETWORKS["bitcoin"]
"""An output script is the same on every network; only its spelling as an address differs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedAddress:
    """An address of a published test vector.

    Attributes:
        kind: See :class:`AddressKind`.
        address: As published.
        source: Where.
    """

    kind: AddressKind
    address: str
    source: str

    @property
    def scripthash(self) -> str:
        """As Electrum servers are asked for it, on any network."""
        return scripthash(bytes(embit_script.address_to_scriptpubkey(self.address).data))


PUBLISHED_ADDRESSES = (
    PublishedAddress(
        kind=AddressKind.P2PKH,
        address="1Jq6MksXQVWzrznvZzxkV6oY57oWXD9TXB",
        source="BIP38, no EC multiply, test 1",
    ),
    PublishedAddress(
        kind=AddressKind.P2SH_P2WPKH,
        address="2Mww8dCYPUpKHofjgcXcBCEGmniw9CoaiD2",
        source="BIP49, account 0, first receiving address",
    ),
    PublishedAddress(
        kind=AddressKind.P2WPKH,
        address="bc1q8c6fshw2dlwun7ekn9qwf37cu2rn755upcp6el",
        source="BIP84, account 0, first change address",
    ),
    PublishedAddress(
        kind=AddressKind.P2WSH,
        address="bc1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qccfmv3",
        source="BIP173, examples",
    ),
    PublishedAddress(
        kind=AddressKind.P2TR,
        address="bc1p3qkhfews2uk44qtvauqyr2ttdsw7svhkl9nkm9s9c3x4ax5h60wqwruhk7",
        source="BIP86, account 0, first change address",
    ),
)
"""One of each kind."""

PUBLISHED_ACCOUNTS: Mapping[AddressKind, tuple[str, str]] = MappingProxyType(
    {
        AddressKind.P2PKH: (
            "BIP32, test vector 1, chain m",
            "xpub661MyMwAqRbcFtXgS5sYJABqqG9YLmC4Q1Rdap9gSE8NqtwybGhePY2gZ29ESFjqJoCu1Rupje8YtGqsefD265TMg7usUDFdp6W1EGMcet8",
        ),
        AddressKind.P2SH_P2WPKH: (
            "BIP49, account 0",
            "tpubDD7tXK8KeQ3YY83yWq755fHY2JW8Ha8Q765tknUM5rSvjPcGWfUppDFMpQ1ScziKfW3ZNtZvAD7M3u7bSs7HofjTD3KP3YxPK7X6hwV8Rk2",
        ),
        AddressKind.P2WPKH: (
            "BIP84, account 0",
            "zpub6rFR7y4Q2AijBEqTUquhVz398htDFrtymD9xYYfG1m4wAcvPhXNfE3EfH1r1ADqtfSdVCToUG868RvUUkgDKf31mGDtKsAYz2oz2AGutZYs",
        ),
        AddressKind.P2TR: (
            "BIP86, account 0",
            "xpub6BgBgsespWvERF3LHQu6CnqdvfEvtMcQjYrcRzx53QJjSxarj2afYWcLteoGVky7D3UKDP9QyrLprQ3VCECoY49yfdDEHGCtMMj92pReUsQ",
        ),
    }
)
"""Kind to (source, extended public key) of a published account."""


def published_scripts(kind: AddressKind, *, count: int, first: int = 0) -> Iterator[DerivedAddress]:
    """Yield addresses in a row from the receiving branch of the published account of a kind."""
    _, text = PUBLISHED_ACCOUNTS[kind]
    account = replace(AccountKey.parse(text), has_value=_ANY_NETWORK.has_value)
    return account.addresses(kind, _ANY_NETWORK, count=count, first=first)
