"""The network that the tests of this folder share; each has a data folder of its own."""

from collections.abc import Iterator

import pytest

from tests.durability.forks import running_server
from tests.durability.world import Network, running_network


@pytest.fixture(scope="package", autouse=True)
def loaded() -> Iterator[None]:
    """The command, loaded once."""
    with running_server():
        yield


@pytest.fixture(scope="package")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """A simulated network that stays up over all tests of this folder."""
    with running_network(tmp_path_factory.mktemp("network")) as running:
        yield running
