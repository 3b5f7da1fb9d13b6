"""What every test may lean on: where the shared recordings lie, and a real SOCKS5 server."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.unit.net.servers import free_port, wait_for_port

settings.register_profile("no_wall_clock", settings.get_profile(settings.get_current_profile_name()), deadline=None)
settings.load_profile("no_wall_clock")  # a busy machine is no failure; speed is judged by the bench

pytest_plugins = ["tests.plugins.folder_times"]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of recordings and real data beside the project."""
    folder = Path(os.environ.get("OBSERVATORY_SHARED", Path(__file__).parents[1] / ".." / "shared")).resolve()
    assert (folder / "data").is_dir(), f"{folder} is not the shared folder: set OBSERVATORY_SHARED"
    return folder


@pytest.fixture(scope="session")
def socks_port() -> Iterator[int]:
    """A real SOCKS5 server on loopback."""
    port = free_port()
    process = subprocess.Popen(["microsocks", "-i", "127.0.0.1", "-p", str(port)], stderr=subprocess.DEVNULL)
    try:
        wait_for_port(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=20)
