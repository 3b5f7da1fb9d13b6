"""Serialised transactions: ids, what they pay, and bytes that are none."""

import pytest

from electrum_observatory.bitcoin.reference import bundled_reference
from electrum_observatory.bitcoin.transaction import parse_transaction

FIRST_SEGWIT = (
    "010000000001017405e391018c5e9dc79f324f9607c9c46d21b02f66dabaa870b4add871d6379f01000000171600148d7a0a3461e3891723"
    "e5fdf8129caa0075060cffffffffff01fcf60200000000001600148d7a0a3461e3891723e5fdf8129caa0075060cff0248304502210088025c"
    "ffdaf69d310c6fed11832edd9c19b6a912c132262701ad0e6133227d9202207d73bbf777abd2aeae995d684e6bb1a048c5ac722e16de48bdd3"
    "5643df7decf001210283409659355b6d1cc3c32decd5d561abaac86c37a353b52895a5e6c196d6f44800000000"
)
BLOCK_100000 = (
    "0100000001032e38e9c0a84c6046d687d10556dcacc41d275ec55fc00779ac88fdf357a187000000008c493046022100c352d3dd993a981beb"
    "a4a63ad15c209275ca9470abfcd57da93b58e4eb5dce82022100840792bc1f456062819f15d33ee7055cf7b5ee1af1ebcc6028d9cdb1c3af77"
    "48014104f46db5e9d61a9dc27b8d64ad23e7383a4e6ca164593c2527c038c0857eb67ee8e825dca65046b82c9331586c82e0fd1f633f25f87c"
    "161bc6f8a630121df2b3d3ffffffff0200e32321000000001976a914c398efa9c392ba6013c5e04ee729755ef7f58b3288ac000fe208010000"
    "001976a914948c765a6914d43f2a7ac177da2c2f6b52de3d7c88ac00000000"
)


@pytest.mark.parametrize(
    ("raw", "txid", "spends"),
    [
        (
            FIRST_SEGWIT,
            "dfcec48bb8491856c353306ab5febeb7e99e4d783eedf3de98f3ee0812b92bad",
            "9f37d671d8adb470a8bada662fb0216dc4c907964f329fc79d5e8c0191e30574",
        ),
        (
            BLOCK_100000,
            "fff2525b8931402dd09222c50775608f75787bd2b87e56995a7bdd30f79702c4",
            "87a157f3fd88ac7907c05fc55e271dc4acdc5605d187d646604ca8c0e9382e03",
        ),
    ],
)
def test_real_transactions_have_their_ids_and_pay_scripts_of_the_reference(raw: str, txid: str, spends: str) -> None:
    parsed = parse_transaction(bytes.fromhex(raw))
    bitcoin = bundled_reference("bitcoin")
    assert bitcoin is not None

    assert (parsed.txid, parsed.spends) == (txid, (spends,))
    known = {script.scripthash for script in bitcoin.frozen_scripts if any(txid == item for item, _ in script.history)}
    assert known & set(parsed.pays)


@pytest.mark.parametrize(
    "raw", [b"", b"\x00" * 60, bytes.fromhex(BLOCK_100000)[:-1], bytes.fromhex(BLOCK_100000) + b"x"]
)
def test_other_bytes_are_no_transaction(raw: bytes) -> None:
    with pytest.raises(ValueError, match="not a transaction"):
        parse_transaction(raw)
