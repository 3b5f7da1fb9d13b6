"""Pictures that a person asks for: refused before anything is read, should nothing be able to draw them."""

from pathlib import Path

from electrum_observatory.cli.libraries import need
from electrum_observatory.model.errors import UsageError

_ENDINGS = (".png", ".svg")


def check_picture(image: Path | None) -> None:
    """Refuse a file that is no picture by its name, and missing libraries; None is fine. Raises UsageError."""
    if image is None:
        return
    if image.suffix not in _ENDINGS:
        raise UsageError(f"--image {image}: name a file that ends in {' or '.join(_ENDINGS)}")
    need(("scipy", "matplotlib"), "a picture", "report")
