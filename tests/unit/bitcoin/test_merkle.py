"""Merkle trees against real blocks, the protocol's example, and their own definition."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from electrum_observatory.bitcoin.merkle import merkle_root, root_of_branch
from electrum_observatory.lab.merkle import transaction_branch

BLOCK_IDS = (  # Bitcoin, heights 0 to 16
    "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f",
    "00000000839a8e6886ab5951d76f411475428afc90947ee320161bbf18eb6048",
    "000000006a625f06636b8bb6ac7b960a8d03705d1ace08b1a19da3fdcc99ddbd",
    "0000000082b5015589a3fdf2d4baff403e6f0be035a5d9742c1cae6295464449",
    "000000004ebadb55ee9096c9a2f8880e09da59c0d68b1c228da88e48844a1485",
    "000000009b7262315dbf071787ad3656097b892abffd1f95a1a022f896f533fc",
    "000000003031a0e73735690c5a1ff2a4be82553b2a12b776fbd3a215dc8f778d",
    "0000000071966c2b1d065fd446b1e485b2c9d9594acd2007ccbd5441cfc89444",
    "00000000408c48f847aa786c2268fc3e6ec2af68e8468a34a28c61b7f1de0dc6",
    "000000008d9dc510f23c2657fc4f67bea30078cc05a90eb89e84cc475c080805",
    "000000002c05cc2e78923c34df87fd108b22221ac6076c18f3ade378a4d915e9",
    "0000000097be56d606cdd9c54b04d4747e957d3608abe69198c661f2add73073",
    "0000000027c2488e2510d1acf4369787784fa20ee084c258b58d9fbd43802b5e",
    "000000005c51de2031a895adc145ee2242e919a01c6d61fb222a54a54b4d3089",
    "0000000080f17a0c5a67f663a9bc9969eb37e81666d9321125f0e293656f8a37",
    "00000000b3322c8c3ef7d2cf6da009a776e6a99ee65ec5a32f3f345712238473",
    "00000000174a25bb399b009cc8deff1c4b3ea84df7e93affaaf60dc3416cc4f5",
)
HASHES = st.lists(st.binary(min_size=32, max_size=32).map(bytes.hex), min_size=1, max_size=40)


def test_the_roots_of_real_blocks() -> None:
    block_170 = (
        "b1fea52486ce0c62bb442b530a3f0132b826c74e473d1f2c220bfa78111c5082",
        "f4184fc596403b9d638783cf57adfe4c75c605f6356fbc91338530e9831e9e16",
    )

    assert merkle_root(block_170) == "7dac2c5666815c17a3b36427de37bb9d2e2c5ccec3f8633eb91a4205cb4c10ff"
    assert merkle_root(block_170[:1]) == block_170[0]


@pytest.mark.parametrize(
    ("cp_height", "root"),
    [
        (0, BLOCK_IDS[0]),
        (1, "abdc2227d02d114b77be15085c1257709252a7a103f9ac0ab3c85d67e12bc0b8"),
        (2, "6ce668e2ec49dae449c0d55de7b1c973696c7d4a47024dbcb26ee99411244ff6"),
        (8, "e347b1c43fd9b5415bf0d92708db8284b78daf4d0e24f9c3405f45feb85e25db"),
        (15, "3cdcb64f35c3fc45a2737c2c22c5b61ccb8b93d36af10d21ae953b7d91e094d7"),
        (16, "ad1bb2b84eeb782e3cc281cc801ae5da49a43b60b2a37c265c37737553709f21"),
    ],
)
def test_the_published_roots_of_block_ids(cp_height: int, root: str) -> None:
    assert merkle_root(BLOCK_IDS[: cp_height + 1]) == root


def test_the_branch_that_the_protocol_documents() -> None:
    branch = (
        "000000004ebadb55ee9096c9a2f8880e09da59c0d68b1c228da88e48844a1485",
        "96cbbc84783888e4cc971ae8acf86dd3c1a419370336bb3c634c97695a8c5ac9",
        "965ac94082cebbcffe458075651e9cc33ce703ab0115c72d9e8b1a9906b2b636",
        "89e5daa6950b895190716dd26054432b564ccdc2868188ba1da76de8e1dc7591",
    )

    assert tuple(transaction_branch(BLOCK_IDS[:9], 5)) == branch, "as the lab makes it"
    assert root_of_branch(BLOCK_IDS[5], branch, 5) == merkle_root(BLOCK_IDS[:9])


@given(hashes=HASHES, data=st.data())
def test_every_branch_leads_to_the_root_and_none_leads_elsewhere_from(hashes: list[str], data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(hashes) - 1))
    branch = transaction_branch(hashes, position)

    assert root_of_branch(hashes[position], branch, position) == merkle_root(hashes)
    strange = "ee" * 32
    if strange != hashes[position]:
        assert root_of_branch(strange, branch, position) != merkle_root(hashes)


@pytest.mark.parametrize("position", [-1, 4])
def test_a_position_that_the_depth_cannot_have_is_refused(position: int) -> None:
    with pytest.raises(ValueError, match="does not lead from position"):
        root_of_branch(BLOCK_IDS[0], BLOCK_IDS[1:3], position)


def test_what_is_no_hash_is_refused() -> None:
    with pytest.raises(ValueError, match="64 hexadecimal digits"):
        merkle_root(["ab"])
    with pytest.raises(ValueError, match="nothing"):
        merkle_root([])
