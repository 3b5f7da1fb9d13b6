#!/usr/bin/env python3
"""Addresses and Electrum scripthashes in a row, from an extended public key or a lab seed. Asks nobody anything."""

from typing import Annotated

import typer
from _door import run

from electrum_observatory.bitcoin.address import AddressKind
from electrum_observatory.bitcoin.networks import NETWORKS
from electrum_observatory.bitcoin.xpub import AccountKey
from electrum_observatory.cli.console import emit_json, emit_table
from electrum_observatory.cli.options import JsonOption
from electrum_observatory.model.errors import UsageError


def address_generator(
    *,
    xpub: Annotated[
        str | None, typer.Option(help="Extended PUBLIC key of an account: a published test vector, or your own.")
    ] = None,
    lab_seed: Annotated[
        str | None, typer.Option(help="Any text. It is hashed, so recovery words never lead to their wallet.")
    ] = None,
    kind: Annotated[
        AddressKind | None, typer.Option(help="Kind of address; default: what the key commits to, else p2wpkh.")
    ] = None,
    count: Annotated[int, typer.Option(min=1, max=100_000, help="How many.")] = 5,
    first: Annotated[int, typer.Option(min=0, help="Index of the first one.")] = 0,
    change: Annotated[
        bool, typer.Option("--change", help="The branch of change instead of receiving addresses.")
    ] = False,
    network: Annotated[str, typer.Option(help=f"One of {', '.join(NETWORKS)}.")] = "bitcoin",
    as_json: JsonOption = False,
) -> None:
    """Print addresses with their paths and Electrum scripthashes."""
    if network not in NETWORKS:
        raise UsageError(f"network {network!r} is none of {', '.join(NETWORKS)}")
    if (xpub is None) == (lab_seed is None):
        raise UsageError("give either --xpub or --lab-seed")
    try:
        if xpub is not None:
            account = AccountKey.parse(xpub)
            kind = kind or account.kind or AddressKind.P2WPKH
        else:
            kind = kind or AddressKind.P2WPKH
            account = AccountKey.from_lab_seed(str(lab_seed), kind, NETWORKS[network])
        found = list(account.addresses(kind, NETWORKS[network], count=count, first=first, change=change))
    except ValueError as error:
        raise UsageError(str(error)) from error
    if as_json:
        emit_json({"network": network, "kind": kind, "addresses": found})
    else:
        emit_table("", ("path", "address", "scripthash"), [(one.path, one.address, one.scripthash) for one in found])


if __name__ == "__main__":
    run(address_generator)
