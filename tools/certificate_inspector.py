#!/usr/bin/env python3
"""The certificates that one server shows, their keys and how they were made: read, never verified.

Opens one connection and sends no Electrum message.
"""

from ipaddress import ip_network
from typing import Annotated

import msgspec
import typer
from _door import run

from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.cli.console import brief, emit_json, emit_table, say
from electrum_observatory.cli.exits import Exit
from electrum_observatory.cli.options import JsonOption
from electrum_observatory.cli.scan_options import AllowPrivateOption
from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.model.errors import UsageError, VisitError
from electrum_observatory.model.failure import FailureKind
from electrum_observatory.net import loop
from electrum_observatory.net.clock import SystemClock
from electrum_observatory.net.connection import TlsFacts
from electrum_observatory.net.dial import Dialer
from electrum_observatory.net.policy import AddressPolicy
from electrum_observatory.net.resolve import SystemResolver
from electrum_observatory.protocol.certificate import read_certificate
from electrum_observatory.protocol.certificate_recipe import recipe_of
from electrum_observatory.protocol.server_list import ListedServer, parse_target
from electrum_observatory.report.words import failure_words
from electrum_observatory.scanner.probes.tls_certificate import read_tls_certificate


def certificate_inspector(
    *,
    target: Annotated[str, typer.Argument(metavar="HOST[:PORT]", help="Port 50002 where none is given.")],
    allow_private: AllowPrivateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the certificate that a server shows, its recipe, the chain behind it, and the handshake that brought it."""
    try:
        server = parse_target(target)
        policy = AddressPolicy(allow=tuple(ip_network(text) for text in allow_private or ()))
    except ValueError as error:
        raise UsageError(str(error)) from error
    try:
        endpoint, tls = loop.run(_handshake(server, policy))
    except VisitError as error:
        failure = error.failure
        detail = f" ({failure.detail})" if failure.detail else ""
        refused = failure.kind is FailureKind.ADDRESS_REFUSED
        hint = "; --allow-private NETWORK dials your own" if refused else ""
        say(f"{target}: {failure_words(failure.kind)}{detail}{hint}")
        raise typer.Exit(Exit.NOTHING_ANSWERED) from error
    result, recipe = read_tls_certificate(tls), recipe_of(tls.chain[0])
    chain = [read_certificate(der) for der in tls.chain]
    if as_json:
        emit_json({"endpoint": endpoint.canonical, "certificate": result, "recipe": recipe, "chain": chain})
        return
    emit_table(endpoint.canonical, ("field", "value"), _fields(result))
    emit_table("How it was made", ("field", "value"), _fields(recipe))
    rows = [
        (place, one.subject, one.issuer, one.valid_to, brief(one.spki_sha256 or "") or None, brief(one.sha256))
        for place, one in enumerate(chain)
    ]
    emit_table(
        "The chain, in the order sent",
        ("place", "holder", "issuer", "valid to", "key", "certificate"),
        rows,
        spare=("key",),
    )


def _fields(value: object) -> list[tuple[str, object]]:
    """Return the fields of a value for people: lists as words, empty ones as nothing."""
    return [
        (name, ", ".join(map(str, told)) or None if isinstance(told, list | tuple) else told)
        for name, told in msgspec.to_builtins(value).items()
    ]


async def _handshake(server: ListedServer, policy: AddressPolicy) -> tuple[Endpoint, TlsFacts]:
    resolver = SystemResolver()
    try:
        address = (await resolver.addresses(server.host))[0]
    finally:
        resolver.close()
    port = server.port or NETWORKS["bitcoin"].ssl_port
    transport = server.transport if server.transport is not None and server.transport.encrypted else Transport.SSL
    endpoint = Endpoint(host=server.host, address=address, port=port, transport=transport)
    connection = await Dialer(clock=SystemClock(), policy=policy).connect(endpoint)
    connection.abort()
    tls = connection.facts.tls
    assert tls is not None, "ssl and wss come with TLS"
    return endpoint, tls


if __name__ == "__main__":
    run(certificate_inspector)
