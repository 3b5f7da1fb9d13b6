"""How servers treat the ways of asking, on a screen: differences first, and the same words once."""

import pytest

from electrum_observatory.analysis.differential import Arm, Pair
from electrum_observatory.analysis.treatment_stored import EndpointTreatment
from electrum_observatory.analysis.treatment_tables import treated
from electrum_observatory.cli.treatment_told import emit_treatment

HOSTS = ("192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4")
PAIRS = {"192.0.2.1": 12, "192.0.2.2": 3, "192.0.2.3": 12, "192.0.2.4": 12}


def told() -> dict[str, EndpointTreatment]:
    found = {}
    for host in HOSTS:
        other = host != "192.0.2.4"
        batch = [Pair(question="fee.2", arm=Arm.BARE_CLIENT, usual=True, other=other)] * PAIRS[host]
        one = EndpointTreatment(endpoint_id=host, others=3, treated=treated(batch, batch))
        found[f"tcp://{host}:50001@{host}"] = one
    return found


def test_a_pipe_has_all_words_of_every_server_the_different_first(capsys: pytest.CaptureFixture[str]) -> None:
    emit_treatment(told())

    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()[1:]]
    assert [row[:2] for row in rows] == [
        ["tcp://192.0.2.4:50001", "different"],
        ["tcp://192.0.2.1:50001", "alike"],
        ["tcp://192.0.2.3:50001", "alike"],
        ["tcp://192.0.2.2:50001", "insufficient"],
    ]
    assert rows[1][2] == rows[2][2] != ""


def test_a_screen_has_the_same_words_once(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("COLUMNS", "200")

    emit_treatment(told())

    shown = capsys.readouterr().out
    assert shown.count("as above") == 1
    assert shown.count("were answered alike") == 1
