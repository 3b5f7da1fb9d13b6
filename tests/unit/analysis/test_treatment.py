"""What was told, as the comparison of arms reads it."""

import pytest

from electrum_observatory.analysis.treatment import Told, told_in, usual_of
from electrum_observatory.model.dialogue import Exchange, Line


def told(result: bytes) -> Told:
    line = Line(data=b'{"jsonrpc":"2.0","id":1,"result":' + result + b"}", after_ms=9.0)
    found = told_in(Exchange(name="fee.2", sent=b"", lines=(line,)))
    assert found is not None
    return found


@pytest.mark.parametrize("odd", [b"9" * 390, b"NaN", b"Infinity", b"-Infinity", b"true", b"null", b'"0.1"'])
def test_what_is_no_number_spoils_no_median(odd: bytes) -> None:
    """One server answers it instead of a fee; the others are still held against each other."""
    usual = usual_of([told(b"0.0001"), told(odd), told(b"0.0002"), told(b"0.0003")])

    assert told(odd).number is None
    assert usual.number == 0.0002
    assert not usual.fits(told(b"0.002"))


def test_a_fee_is_usual_within_half_as_much_again_and_in_time() -> None:
    usual = usual_of([told(b"0.0001"), told(b"0.00012")])

    assert [usual.fits(told(fee)) for fee in (b"0.00007", b"0.000075", b"0.00016", b"0.00017")] == [
        False,
        True,
        True,
        False,
    ]
    late = Told(text="0.0001", number=0.0001, after_ms=2501.0)
    assert not usual.fits(late)
