"""Real programs as child processes: free ports, a log that is kept, readiness by asking, an end by pid."""

import os
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

LOG_TAIL_BYTES = 4000


def free_port() -> int:
    """Return a port of 127.0.0.1 on which nothing listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def own_network() -> str:
    """Return the first three numbers of loopback addresses that no other running process takes by this rule."""
    high, low = divmod(os.getpid(), 250)
    return f"127.{20 + high % 200}.{low}."


class Program:
    """One child process and its log."""

    def __init__(self, name: str, command: list[str], *, environment: Mapping[str, str], folder: Path) -> None:
        self.name = name
        self.log = folder / "output.log"
        with self.log.open("wb") as output:
            self._process = subprocess.Popen(
                command,
                env=dict(environment),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def wait_until(self, ready: Callable[[], bool], *, seconds: float = 30) -> None:
        """Ask again and again until it is ready; raise with the end of its log if it ends or takes too long."""
        deadline = time.monotonic() + seconds
        while not ready():
            if self._ends_within(0.05):
                raise RuntimeError(f"{self.name} ended with {self._process.returncode}:\n{self.log_tail()}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self.name} was not ready after {seconds} s:\n{self.log_tail()}")

    def end(self) -> None:
        """Ask it to end, then insist."""
        self._process.terminate()
        if not self._ends_within(15):
            self._process.kill()
            self._process.wait()

    def log_tail(self) -> str:
        """Return the end of what it printed."""
        return self.log.read_bytes()[-LOG_TAIL_BYTES:].decode(errors="replace")

    def _ends_within(self, seconds: float) -> bool:
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True
