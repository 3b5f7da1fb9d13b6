from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.scanner.probes.chain_tip import ChainTipProbe
from tests.unit.scanner.harness import Put
from tests.unit.scanner.scripted import GENESIS_HASH, GENESIS_HEADER


def tip(value) -> Put:
    return Put(ChainTipProbe(), results={"blockchain.headers.subscribe": value})


def test_the_hash_is_computed_from_the_header() -> None:
    result = tip({"height": 0, "hex": GENESIS_HEADER}).result

    assert (result.height, result.block_hash) == (0, GENESIS_HASH)
    assert result.previous_hash == "00" * 32
    assert result.timestamp == 1231006505


def test_a_header_that_is_not_eighty_bytes_of_hex_is_kept_without_its_fields() -> None:
    result = tip({"height": 9, "hex": "00ff"}).result

    assert (result.height, result.header_hex, result.block_hash) == (9, "00ff", None)


def test_a_height_that_is_no_number_is_unexpected() -> None:
    for value in ({"height": "9", "hex": "00"}, {"height": True, "hex": "00"}, {"hex": "00"}, [9]):
        assert tip(value).failure == (Stage.REQUEST, FailureKind.UNEXPECTED_RESULT)
