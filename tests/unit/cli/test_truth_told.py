"""Whether answers hold, on a screen: few endpoints in full, many as counts."""

import pytest

from electrum_observatory.analysis.truth.areas import Area, Standing
from electrum_observatory.analysis.truth.stored import EndpointTruth
from electrum_observatory.cli.truth_told import emit_truth


def told(endpoints: int) -> dict[str, EndpointTruth]:
    held = Standing(area=Area.HEADERS, answers=7, visits=1, severity=None)
    unheard = Standing(area=Area.TIPS, answers=1, visits=1, severity=None)
    return {
        f"tcp://192.0.2.{place}:50001@192.0.2.{place}": EndpointTruth(
            endpoint_id=str(place), found=(), standings=(held, unheard)
        )
        for place in range(endpoints)
    }


@pytest.mark.parametrize(("endpoints", "listed"), [(8, 8), (9, 0)])
def test_a_screen_sums_up_what_held_of_many(
    endpoints: int, listed: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("COLUMNS", "120")

    emit_truth(told(endpoints))

    shown = capsys.readouterr().out
    assert shown.count("(7 answers)") == listed
    assert ("headers and proof of work │ 9 " in shown) == (listed == 0)
    assert "fee histograms" not in shown
    assert "@" not in shown


def test_piped_text_has_every_endpoint(capsys: pytest.CaptureFixture[str]) -> None:
    emit_truth(told(9))

    written = capsys.readouterr()
    assert written.out.count("\theld\theaders and proof of work (7 answers)") == 9
    assert written.out.count("\tinsufficient\ttips and forks (1 of 2 visits)") == 9
    assert "More visits are wanted for tips and forks: observatory truth CAMPAIGN" in written.err
