"""A watch whose terminal hangs up, or whose words nobody reads any more, ends its stint; a broken line ends nothing."""

import asyncio
import errno
import os
import pty
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import apsw
import pytest

from electrum_observatory.cli.monitor_signals import Signals
from electrum_observatory.cli.monitor_words import LastingWords
from electrum_observatory.net.loop import run
from tests.unit.cli.lab_process import OBSERVATORY, PATIENCE_S, Lab

_OF_A_TERMINAL = """
import os, signal
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whoever runs the tests may have it ignored, as nohup does
os.open(os.ttyname(0), os.O_RDWR)
from electrum_observatory.cli.main import run
run()
"""


def command(lab: Lab, data: Path) -> list[str]:
    arguments = ("monitor", *lab.arguments, "--data", str(data), "--profile", "lab", "--every", "histogram=100s")
    return [*arguments, "--for", "60s"]  # so that it ends if nothing else ends it


def environment(**words: str) -> Mapping[str, str]:
    return {name: value for name, value in os.environ.items() if name != "NO_COLOR"} | words


def stints_that_ended(data: Path) -> list[int]:
    connection = apsw.Connection(str(data / "live.db"), flags=apsw.SQLITE_OPEN_READONLY)
    rows: Any = connection.execute("SELECT ended FROM watch_stints").fetchall()
    connection.close()
    return [row[0] for row in rows]


def test_a_watch_ends_when_its_terminal_hangs_up(quick_lab: Lab, tmp_path: Path) -> None:
    ours, its = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", _OF_A_TERMINAL, *command(quick_lab, tmp_path)],
        stdin=its,
        stdout=its,
        stderr=its,
        start_new_session=True,
        env=environment(TERM="xterm", COLUMNS="100", LINES="30"),
    ) as process:
        os.close(its)
        shown = b""
        while not re.search(rb"[1-9]\d* done", shown):  # the table, which is drawn on after the terminal has gone
            shown += os.read(ours, 4096)
        os.close(ours)
        code = process.wait(timeout=PATIENCE_S)

    assert code == 130
    assert stints_that_ended(tmp_path) == [1]


@pytest.mark.parametrize("last_read", ["Watch ", "round "])
def test_a_watch_ends_when_nobody_reads_its_lines_any_more(last_read: str, quick_lab: Lab, tmp_path: Path) -> None:
    with subprocess.Popen(
        [*OBSERVATORY, *command(quick_lab, tmp_path)], stderr=subprocess.PIPE, text=True, env=environment()
    ) as process:
        assert process.stderr is not None
        while not process.stderr.readline().startswith(last_read):
            assert process.poll() is None
        process.stderr.close()
        code = process.wait(timeout=PATIENCE_S)

    assert code == 0
    assert all(stints_that_ended(tmp_path)), "it may have ended before it watched anybody"


@pytest.fixture
def hang_ups_heard() -> Iterator[None]:
    """Let nobody have SIGHUP ignored."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("hang_ups_heard")
@pytest.mark.parametrize("terminal", [True, False])
def test_a_hang_up_ends_a_watch_of_a_terminal_only(
    terminal: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("os.isatty", lambda _: terminal)
    stops: list[None] = []

    async def hang_up() -> int:
        with Signals(lambda: stops.append(None)) as signals:
            monkeypatch.setattr("os.isatty", lambda _: False)  # as it is for a terminal that has gone
            later = asyncio.Event()
            asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, later.set)
            os.kill(os.getpid(), signal.SIGHUP)
            os.kill(os.getpid(), signal.SIGUSR1)
            await later.wait()
            return signals.came

    assert run(hang_up()) == len(stops) == (1 if terminal else 0)
    assert ("Stopping" if terminal else "Restart to change them") in capsys.readouterr().err


class Breaking:
    """A stream that cannot be written to."""

    def __init__(self, reason: int, place: int) -> None:
        self.reason, self.place = reason, place

    def write(self, text: str) -> int:
        raise OSError(self.reason, text)

    def flush(self) -> None:
        raise OSError(self.reason, "")

    def fileno(self) -> int:
        return self.place


@pytest.mark.parametrize(
    ("reason", "kind", "left", "redirected"),
    [
        (errno.EPIPE, "pipe", 1, True),
        (errno.EPIPE, "socket", 0, True),
        (errno.EIO, "terminal", 0, True),
        (errno.ENOSPC, "file", 0, False),
    ],
)
def test_only_a_pipe_without_a_reader_ends_a_watch(
    reason: int, kind: str, left: int, redirected: bool, tmp_path: Path
) -> None:
    place = _opened(kind, tmp_path)
    before, gone = os.fstat(place), list[None]()
    words = LastingWords(Breaking(reason, place), lambda: gone.append(None))  # type: ignore[arg-type]

    assert words.write("a word") == len("a word")

    assert len(gone) == left
    assert (os.fstat(place).st_rdev == os.stat(os.devnull).st_rdev) == redirected
    assert (os.fstat(place) == before) != redirected
    words.flush()
    os.close(place)


def _opened(kind: str, folder: Path) -> int:
    """Return a descriptor of a kind; its other end is closed."""
    if kind == "file":
        return os.open(folder / "log", os.O_CREAT | os.O_WRONLY)
    if kind == "socket":
        one, other = socket.socketpair()
        other.close()
        return one.detach()
    other_end, place = os.pipe() if kind == "pipe" else pty.openpty()
    os.close(other_end)
    return place
