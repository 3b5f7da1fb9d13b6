"""The published keys lead to the published addresses, and each address to the script it is known for."""

import pytest

from electrum_observatory.bitcoin.address import AddressKind
from electrum_observatory.bitcoin.published import PUBLISHED_ACCOUNTS, PUBLISHED_ADDRESSES, published_scripts


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        (AddressKind.P2WPKH, "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu"),  # BIP84, first receiving address
        (AddressKind.P2TR, "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr"),  # BIP86, likewise
        (AddressKind.P2SH_P2WPKH, "36NvZTcMsMowbt78wPzJaHHWaNiyR73Y4g"),  # BIP49's 2Mww8d…, spelled for mainnet
    ],
)
def test_accounts_lead_to_the_addresses_that_were_published_with_them(kind: AddressKind, address: str) -> None:
    (first,) = published_scripts(kind, count=1)

    assert first.address == address


def test_the_bip49_address_is_the_same_script_on_both_networks() -> None:
    published = next(one for one in PUBLISHED_ADDRESSES if one.kind is AddressKind.P2SH_P2WPKH)
    (derived,) = published_scripts(AddressKind.P2SH_P2WPKH, count=1)

    assert derived.scripthash == published.scripthash


def test_there_is_an_address_of_every_kind_and_no_two_are_alike() -> None:
    assert [one.kind for one in PUBLISHED_ADDRESSES] == list(AddressKind)
    assert len({one.scripthash for one in PUBLISHED_ADDRESSES}) == len(AddressKind)
    assert all(source.startswith("BIP") for source, _ in PUBLISHED_ACCOUNTS.values())
