"""One server for all tests here, and a database for each that asks."""

import itertools
from collections.abc import Callable, Iterator

import pytest

from tests.postgres.server import PostgresServer

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[PostgresServer]:
    """A running server with the role ``observatory``, which may do nothing but own its databases."""
    running = PostgresServer.start()
    try:
        running.admin("postgres", "CREATE ROLE observatory LOGIN", "CREATE ROLE looker LOGIN")
        running.admin("postgres", "CREATE ROLE locked LOGIN PASSWORD 'tell-nobody'")
        yield running
    finally:
        running.remove()


@pytest.fixture(scope="session")
def make_database(server: PostgresServer) -> Callable[[], str]:
    """Makes an empty database of ``observatory``; returns its name."""

    def make() -> str:
        name = f"watch{next(_numbers)}"
        server.admin("postgres", f"CREATE DATABASE {name} OWNER observatory TEMPLATE template0")
        return name

    return make


@pytest.fixture
def database(make_database: Callable[[], str]) -> str:
    """An empty database."""
    return make_database()
