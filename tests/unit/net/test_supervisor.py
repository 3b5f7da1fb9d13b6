"""A word to the service manager, over a real socket."""

import socket
from pathlib import Path

import pytest

from electrum_observatory.net.supervisor import ALIVE, READY, Supervisor


def test_the_supervisor_hears_what_it_is_told(tmp_path: Path) -> None:
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(path)
        Supervisor.of({"NOTIFY_SOCKET": path}, 1).tell(READY, "STATUS=3 servers")

        assert ear.recv(1024) == b"READY=1\nSTATUS=3 servers"


def test_a_name_in_the_abstract_namespace_is_found() -> None:
    name = f"observatory-test-{id(object())}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(f"\0{name}")
        Supervisor.of({"NOTIFY_SOCKET": f"@{name}"}, 1).tell(ALIVE)

        assert ear.recv(1024) == ALIVE.encode()


def test_nobody_and_somebody_who_left_are_told_nothing(tmp_path: Path) -> None:
    Supervisor.of({}, 1).tell(READY)
    Supervisor.of({"NOTIFY_SOCKET": str(tmp_path / "gone")}, 1).tell(READY)


@pytest.mark.parametrize(
    ("environment", "watchdog_s"),
    [
        ({"NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "3000000"}, 3.0),
        ({"NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "7"}, 3.0),
        ({"NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "8"}, None),
        ({"NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "soon"}, None),
        ({"NOTIFY_SOCKET": "/x"}, None),
        ({"WATCHDOG_USEC": "3000000"}, None),
    ],
)
def test_signs_of_life_are_for_whoever_asked_for_them(environment: dict[str, str], watchdog_s: float | None) -> None:
    assert Supervisor.of(environment, 7).watchdog_s == watchdog_s
