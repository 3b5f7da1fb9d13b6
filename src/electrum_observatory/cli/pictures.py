"""Pictures and other files that a person asks for: refused before anything is read, should nothing come of them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from electrum_observatory.cli.libraries import need
from electrum_observatory.model.errors import UsageError

_ENDINGS = (".png", ".svg")


def check_picture(image: Path | None) -> None:
    """Refuse a file that is no picture by its name or has no place, and missing libraries; None is fine.

    Raises:
        UsageError: Nothing can come of it.
    """
    if image is None:
        return
    if image.suffix not in _ENDINGS:
        raise UsageError(f"--image {image}: name a file that ends in {' or '.join(_ENDINGS)}")
    check_place("--image", image)
    need(("scipy", "matplotlib"), "a picture", "report")


def check_place(option: str, path: Path | None) -> None:
    """Refuse a file that cannot be written where it is wanted, as far as can be told before; None is fine.

    Raises:
        UsageError: Its folder is none or not ours to write in, or the name is that of a folder.
    """
    if path is None:
        return
    with writing(option, path):  # a name that is too long or lies behind a closed folder cannot even be looked at
        if not path.parent.is_dir():
            raise UsageError(f"{option} {path}: there is no folder {path.parent}: make it, or name another")
        if path.is_dir():
            raise UsageError(f"{option} {path}: that is a folder: name a file in it")
        if not os.access(path if path.exists() else path.parent, os.W_OK):
            raise UsageError(f"{option} {path}: not permitted: check the permissions, or name another file")


@contextmanager
def writing(option: str, path: Path) -> Iterator[None]:
    """Write a file inside; where the system does not let us, say so. Raises UsageError."""
    try:
        yield
    except OSError as error:
        reason, to_do = error.strerror or error, "check room and permissions there, or name another file"
        raise UsageError(f"{option} {path}: cannot be written ({reason}): {to_do}") from error
