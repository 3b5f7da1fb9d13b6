"""Disks that tests may fill or take away: mounts in a namespace of their own, gone with the process that holds it."""

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest


class Disk:
    """A file system that only processes started through :meth:`within` see."""

    def __init__(self, folder: Path, enter: Sequence[str]) -> None:
        self.folder = folder
        self._enter = enter

    def within(self, command: Sequence[str]) -> list[str]:
        """Return a command line that runs where the disk is mounted."""
        return [*self._enter, "env", f"--chdir={Path.cwd()}", *command]

    def mount(self, options: str) -> None:
        """Mount it again, as it is, with other options."""
        subprocess.run(self.within(["mount", "-o", options, str(self.folder)]), check=True, capture_output=True)

    def copy_to(self, folder: Path) -> Path:
        """Copy what lies on it to where the test can read it, byte for byte."""
        copy = ["cp", "-r", f"{self.folder}/.", str(folder)]
        ours = ["chown", "-R", f"{os.getuid()}:{os.getgid()}", str(folder)] if "sudo" in self._enter else ["true"]
        for command in (copy, ours):
            subprocess.run(self.within(command), check=True, capture_output=True)
        return folder


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Disk]:
    """A tmpfs of a size, in a user and mount namespace: it needs no rights where the system allows such namespaces."""
    folder.mkdir()
    mount = f"mount -t tmpfs -o size={size} tmpfs '{folder}'"
    if subprocess.run(["unshare", "-rm", "true"], check=False, capture_output=True).returncode == 0:
        with _held(["unshare", "-rm"], mount) as holder:
            yield Disk(folder, ["nsenter", "-t", str(holder), "-U", "-m", "--preserve-credentials", "--"])
        return
    root = _root()
    with _held([*root, "unshare", "-m"], mount) as holder:
        yield Disk(folder, [*root, "nsenter", "-t", str(holder), "-m", "--"])


@contextmanager
def real_disk(folder: Path, image: Path) -> Iterator[Disk]:
    """An ext4 on a loop device, in a mount namespace.

    It can be made read-only under open files (``remount,abort``), as the kernel does after an error of the device. It
    needs root, by sudo where the test has it not. An image that exists is mounted as it is, its journal played back.
    """
    root = _root()
    folder.mkdir(exist_ok=True)
    if not image.exists():
        image.touch()
        os.truncate(image, 64 << 20)
        subprocess.run(["/sbin/mkfs.ext4", "-q", str(image)], check=True)
    with _held([*root, "unshare", "-m"], f"mount -o loop,errors=remount-ro '{image}' '{folder}'") as holder:
        yield Disk(folder, [*root, "nsenter", "-t", str(holder), "-m", "--"])


def _root() -> list[str]:
    """Return what makes a command run as root."""
    if os.geteuid() == 0:
        return []
    if subprocess.run(["sh", "-c", "sudo -n true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("mounting needs root here: run this test as root, or where sudo asks for no password")
    return ["sudo", "-n"]


@contextmanager
def _held(namespace: Sequence[str], mount: str) -> Iterator[int]:
    """Keep a process in a new namespace that has mounted something; it ends with its input."""
    holder = subprocess.Popen(
        [*namespace, "sh", "-c", f"{mount} && echo $$ && exec cat"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdin is not None
    assert holder.stdout is not None
    try:
        process = holder.stdout.readline().strip()
        assert process, "the namespace could not be made, or the disk not mounted"
        yield int(process)
    finally:
        holder.stdin.close()
        holder.wait(timeout=20)
        holder.stdout.close()
