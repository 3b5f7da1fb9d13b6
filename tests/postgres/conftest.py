"""One server for all tests here, and a database for each that asks."""

import itertools
from collections.abc import Callable, Iterator

import pytest

from tests.postgres.server import PostgresServer

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[PostgresServer]:
    """A running server with a role that owns, one that looks and one that has a password."""
    running = PostgresServer.start(durable=False)
    try:
        running.admin("postgres", "CREATE ROLE looker LOGIN", "CREATE ROLE locked LOGIN PASSWORD 'tell-nobody'")
        yield running
    finally:
        running.remove()


@pytest.fixture(scope="session")
def make_database(server: PostgresServer) -> Callable[[], str]:
    """Makes an empty database; returns its name."""
    return lambda: server.create(f"watch{next(_numbers)}")


@pytest.fixture
def database(make_database: Callable[[], str]) -> str:
    """An empty database."""
    return make_database()
