"""Tables on a terminal: what names a row stays whole, and no name is too long for the screen."""

from pathlib import Path

import pytest

from electrum_observatory.cli.console import emit_table


@pytest.mark.parametrize(("host", "lines"), [("a.example", 1), (f"{'a' * 63}.example", 2)])
def test_a_name_is_folded_only_where_it_would_take_half_the_screen(
    host: str, lines: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("COLUMNS", "80")

    emit_table("", ("host", "text"), [(host, "words " * 3)])

    shown = capsys.readouterr().out.splitlines()
    assert len(shown) - 2 == lines
    assert all(len(line) <= 80 for line in shown)
    assert host in "".join(line.split("│")[0].strip() for line in shown)


def test_a_title_is_no_markup_either(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")

    emit_table("ssl://[fd00::1]:50002  (0a1b)", ("a",), [("b",)])

    assert capsys.readouterr().out.splitlines()[:2] == ["", "ssl://[fd00::1]:50002  (0a1b)"]


def test_what_was_advertised_loses_columns_before_it_folds(
    observatory, measured: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("COLUMNS", "120")

    shown = observatory("show", "electrum.alone.example", "--data", measured)

    heard = shown.out.split("\n\n")[0].splitlines()
    assert heard[1] == "Advertised"
    assert all("://electrum.alone.example:" in line.split("│")[0] for line in heard[4:])
    assert "no room for: when (UTC)" in shown.err
