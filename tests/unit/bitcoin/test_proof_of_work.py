"""Targets, work and proofs against Bitcoin Core's examples and real headers."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from electrum_observatory.bitcoin.header import serialise_header
from electrum_observatory.bitcoin.networks import ProofOfWork
from electrum_observatory.bitcoin.proof_of_work import (
    bits_of,
    may_follow,
    proof_hash,
    proves_work,
    target_of,
)

HEADERS = json.loads((Path(__file__).parent / "known_headers.json").read_text())
EASIEST = 0x1D00FFFF
LITECOIN_GENESIS = serialise_header(
    version=1,
    previous_hash="00" * 32,
    merkle_root="97ddfbbae6be97fd6cdf3e7ca13232a3afff2353e29badfab7f73011edd4ced9",
    timestamp=1317972665,
    bits=0x1E0FFFF0,
    nonce=2084524493,
)


@pytest.mark.parametrize(
    ("bits", "target"),
    [
        (0x01120000, 0x12),
        (0x02008000, 0x80),
        (0x05009234, 0x92340000),
        (0x04123456, 0x12345600),
        (0x1D00FFFF, 0xFFFF << 208),
        (0x207FFFFF, 0x7FFFFF << 232),
    ],
)
def test_compact_targets_as_bitcoin_core_reads_them(bits: int, target: int) -> None:
    assert target_of(bits) == target
    assert bits_of(target) == bits


@pytest.mark.parametrize("bits", [0, 0x01003456, 0x04923456, 0x01FEDCBA, 0xFF123456, 0x2200FFFF << 1])
def test_what_is_no_target_is_refused(bits: int) -> None:
    with pytest.raises(ValueError, match="no target is written"):
        target_of(bits)


@given(target=st.integers(1, (1 << 256) - 1))
def test_the_compact_form_keeps_the_upper_bytes_and_never_rounds_up(target: int) -> None:
    kept = target_of(bits_of(target))

    assert kept <= target
    assert (target - kept) << 15 < target or kept == target


@pytest.mark.parametrize("height", HEADERS["bitcoin"])
def test_real_headers_prove_their_work_and_not_with_another_nonce(height: str) -> None:
    raw = bytes.fromhex(HEADERS["bitcoin"][height])

    assert proves_work(raw, ProofOfWork.SHA256D, EASIEST)
    assert not proves_work(raw[:-1] + bytes([raw[-1] ^ 1]), ProofOfWork.SHA256D, EASIEST)


def test_litecoin_proves_by_scrypt_and_not_by_its_block_id() -> None:
    assert proves_work(LITECOIN_GENESIS, ProofOfWork.SCRYPT, 0x1E0FFFFF)
    assert not proves_work(LITECOIN_GENESIS, ProofOfWork.SHA256D, 0x1E0FFFFF)
    assert f"{proof_hash(LITECOIN_GENESIS, ProofOfWork.SCRYPT):064x}".startswith("0000050c34a6")


def test_a_header_that_asks_for_too_little_proves_nothing() -> None:
    easy = serialise_header(
        version=1, previous_hash="00" * 32, merkle_root="00" * 32, timestamp=0, bits=0x207FFFFF, nonce=0
    )
    senseless = easy[:72] + bytes(4) + easy[76:]

    assert not proves_work(easy, ProofOfWork.SHA256D, EASIEST)
    assert not proves_work(senseless, ProofOfWork.SHA256D, EASIEST)
    with pytest.raises(ValueError, match="80 bytes"):
        proves_work(easy[:-1], ProofOfWork.SHA256D, EASIEST)


@pytest.mark.parametrize(
    ("later", "possible"),
    [
        ((478559, 0x18014735), True),
        ((479807, 0x18014736), False),  # same period, another target
        ((479808, 0x18014735), True),
        ((479808, 0x18051CD4), True),  # four times easier
        ((479808, 0x18051CD5), False),
        ((479808, 0x175 << 20 | 0x1CD40), True),  # four times harder
        ((479808, 0x171CD400), False),
        ((481824, 0x18147350), True),  # two borders: sixteen times
        ((2000000, 0x1D00FFFF), True),
    ],
)
def test_targets_change_at_most_fourfold_at_each_border(later: tuple[int, int], possible: bool) -> None:
    assert may_follow((478558, 0x18014735), later, easiest_bits=EASIEST, retarget_blocks=2016) is possible


def test_where_the_easiest_target_is_always_allowed_nothing_follows_from_a_neighbour() -> None:
    assert may_follow((1, 0x18014735), (2, EASIEST), easiest_bits=EASIEST, retarget_blocks=None)
    with pytest.raises(ValueError, match="smaller height"):
        may_follow((2, EASIEST), (1, EASIEST), easiest_bits=EASIEST, retarget_blocks=2016)


@given(
    bits=st.sampled_from([0x1D00FFFF, 0x1B0404CB, 0x1A05DB8B, 0x1C7FFFFF]),
    spans=st.lists(st.sampled_from([302_400, 302_401, 1_209_600, 4_838_400]), min_size=1, max_size=20),
)
def test_every_row_of_retargets_may_follow(bits: int, spans: list[int]) -> None:
    """As Bitcoin Core computes them (``pow.cpp``, CalculateNextWorkRequired), each rounded to its compact form."""
    later = bits
    for span in spans:
        later = bits_of(min(target_of(0x1D00FFFF), target_of(later) * span // 1_209_600))

    assert may_follow((0, bits), (2016 * len(spans), later), easiest_bits=0x1D00FFFF, retarget_blocks=2016)
