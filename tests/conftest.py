"""What every test may lean on: where the shared recordings lie."""

import os
from pathlib import Path

import pytest

pytest_plugins = ["tests.plugins.folder_times"]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of recordings and real data beside the project."""
    folder = Path(os.environ.get("OBSERVATORY_SHARED", Path(__file__).parents[1] / ".." / "shared")).resolve()
    assert (folder / "data").is_dir(), f"{folder} is not the shared folder: set OBSERVATORY_SHARED"
    return folder
