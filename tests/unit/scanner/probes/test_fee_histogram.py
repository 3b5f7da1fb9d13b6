import pytest

from electrum_observatory.model.errors import VisitError
from electrum_observatory.scanner.probes.fee_histogram import FeeHistogramProbe, read_fee_histogram
from tests.unit.scanner.harness import Put, error_of, reply_to


def test_bins_and_their_texts_are_kept_as_sent() -> None:
    result = read_fee_histogram(reply_to(b"[[12.0, 128812], [4.2, 92524], [1, 6478]]"))

    assert result.bins == ((12.0, 128812), (4.2, 92524), (1, 6478))
    assert result.texts == ("12.0", "4.2", "1")
    assert result.total_vsize == 227814


def test_long_decimals_of_the_esplora_family_survive_as_text() -> None:
    result = read_fee_histogram(reply_to(b"[[3.003911,50123],[1.0000000000000002,50001]]"))

    assert result.texts == ("3.003911", "1.0000000000000002")


def test_an_empty_histogram_is_a_histogram() -> None:
    result = Put(FeeHistogramProbe(), results={"mempool.get_fee_histogram": []}).result

    assert (result.bins, result.texts, result.total_vsize, result.error) == ((), (), 0, None)


def test_an_error_reply_has_no_bins() -> None:
    assert read_fee_histogram(error_of(b'{"code":-32603,"message":"x"}')).bins is None


@pytest.mark.parametrize(
    "text",
    [
        b"[[1]]",
        b"[1,2]",
        b'[["1",2]]',
        b"[[NaN,1]]",
        b"[[1,2,3]]",
        b"{}",
        b"[[true,1]]",
        b"[[1," + b"9" * 350 + b"],[2,1.5]]",
        b"[[1,1e308],[1,1e308]]",
        b"[[" + b"9" * 350 + b",1]]",
    ],
    ids=lambda text: text[:16].decode(),
)
def test_what_is_no_list_of_pairs_of_numbers_is_unexpected(text: bytes) -> None:
    with pytest.raises(VisitError, match="unexpected_result"):
        read_fee_histogram(reply_to(text))
