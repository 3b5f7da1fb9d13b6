"""One stage for all tests of this folder."""

from collections.abc import Iterator

import pytest

from tests.hostile.stage import Stage, running_stage


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    """The lab with every hostile act, and children to scan it."""
    with running_stage() as running:
        yield running
