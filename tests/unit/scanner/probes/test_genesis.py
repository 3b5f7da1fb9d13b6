from electrum_observatory.model.failure import FailureKind, Stage
from electrum_observatory.scanner.probes.genesis import GenesisProbe
from tests.unit.scanner.harness import Put
from tests.unit.scanner.scripted import GENESIS_HASH, GENESIS_HEADER, error_reply


def test_the_genesis_hash_is_computed_not_believed() -> None:
    put = Put(GenesisProbe(), results={"blockchain.block.header": GENESIS_HEADER})

    assert put.sent[0]["params"] == [0]
    assert put.result.block_hash == GENESIS_HASH


def test_anything_but_eighty_bytes_of_hex_is_unexpected() -> None:
    for value in ("00", GENESIS_HEADER[:-2] + "zz", {"header": GENESIS_HEADER}, None):
        put = Put(GenesisProbe(), results={"blockchain.block.header": value})
        assert put.failure == (Stage.REQUEST, FailureKind.UNEXPECTED_RESULT)


def test_an_error_reply_is_a_result_without_a_hash() -> None:
    put = Put(GenesisProbe(), lambda message: [error_reply(message["id"], 1, "no header at 0")])

    assert (put.result.block_hash, put.result.error.message) == (None, "no header at 0")
