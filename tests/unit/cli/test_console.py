"""Output that others read: pipes that close early, counts in words."""

import subprocess
import sys

import pytest

from electrum_observatory.cli.console import brief, emit_table
from electrum_observatory.cli.progress import line
from electrum_observatory.cli.settings import load_settings
from electrum_observatory.scanner.progress import Progress


def test_a_reader_that_leaves_early_is_no_error() -> None:
    command = f"{sys.executable} -c 'from electrum_observatory.cli.main import run; run()' scan --dry-run"
    piped = ["bash", "-c", f"{command} 2>/dev/null | head -1; exit ${{PIPESTATUS[0]}}"]

    ended = subprocess.run(piped, capture_output=True, text=True, timeout=60)

    assert ended.returncode == 0
    assert ended.stdout.startswith("transport")


@pytest.mark.parametrize(("left", "word"), [(90, "~"), (0, "sealing")])
def test_the_time_left_stands_within_eighty_columns(left: int, word: str) -> None:
    progress = Progress(
        targets=20_000,
        resolving=0,
        waiting=left,
        in_flight=0,
        done=12_345,
        answered=10_000,
        verified=10_000,
        failed=2_345,
        refused=1_000,
        elapsed_s=1_000.0,
        busiest_queue=1,
        spacing_s=load_settings().scan.budgets.spacing_s,
        stopping=False,
    )

    assert word in line(progress)[:80]
    assert len(line(progress)) > 72
    assert line(progress, 72).endswith((" failed", " refused"))
    assert line(progress).startswith(f"{line(progress, 72)} · ")


def test_a_terminal_shows_the_ends_of_a_hash_and_a_pipe_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    words = f"its history of {'ab' * 32} lacks {'0' * 63}, {'A' * 64} and x{'c' * 64}"

    piped = brief(words)
    monkeypatch.setenv("TTY_COMPATIBLE", "1")

    assert piped == words
    assert brief(words) == words.replace("ab" * 32, "abababab…abab")


def test_long_names_leave_two_thirds_of_a_screen_to_the_rest(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("COLUMNS", "80")
    names = ("tcp://203.0.113.255:50001", "tcp://electrum.a-long-name.example:50001@203.0.113.1")

    emit_table("", ("server", "words", "more"), [(name, "word " * 12, "word " * 12) for name in names])

    lines = capsys.readouterr().out.splitlines()
    assert any(one.startswith(f"{names[0]}  │ word") for one in lines)
    assert max(map(len, lines)) <= 80
