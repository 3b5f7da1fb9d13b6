"""The options of commands that dial."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

TargetsArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="TARGET", help="Host, host:port:t|s|ws|wss, list file or URL; none: the bundled list."),
]
ProfileOption = Annotated[
    str,
    typer.Option("--profile", metavar="NAME|FILE", help="default, aggressive, fingerprinting, lab, or a YAML file."),
]
NetworkOption = Annotated[
    str | None,
    typer.Option("--network", metavar="NAME", help="bitcoin, testnet3, testnet4, signet, regtest or litecoin-regtest."),
]
OnlyOption = Annotated[
    list[str] | None,
    typer.Option("--only", metavar="WHAT", help="Ask only these: tcp, ssl, ws, wss, onion, clearnet. May be repeated."),
]
ExcludeOption = Annotated[
    list[str] | None,
    typer.Option("--exclude", metavar="WHOM", help="Do not ask this host, domain, address or network. Repeatable."),
]
LimitOption = Annotated[int | None, typer.Option("--limit", min=1, metavar="N", help="Ask at most N targets.")]
DepthOption = Annotated[
    int | None,
    typer.Option("--depth", min=0, metavar="N", help="How far hearsay is followed; 0 asks only the targets."),
]
KnownOption = Annotated[bool, typer.Option("--known", help="Also ask whoever answered in earlier campaigns.")]
ElectrumOption = Annotated[bool, typer.Option("--electrum", help="Also ask the list of an installed Electrum.")]
TorOption = Annotated[
    str | None,
    typer.Option(
        "--tor",
        metavar="[HOST:PORT]",
        help="Dial everything through this SOCKS5 proxy (alone: 127.0.0.1:9050). Onion servers need it.",
    ),
]
AllowPrivateOption = Annotated[
    list[str] | None,
    typer.Option("--allow-private", metavar="CIDR", help="Dial this network although it is not public. Repeatable."),
]
OptOutOption = Annotated[
    Path | None, typer.Option("--opt-out", metavar="FILE", help="Hosts, domains and networks that must not be asked.")
]
VantageOption = Annotated[str | None, typer.Option("--vantage", metavar="NAME", help="Name of where you measure from.")]
ConcurrencyOption = Annotated[
    int | None, typer.Option("--concurrency", min=1, metavar="N", help="Conversations at once.")
]
OverlayOption = Annotated[
    Path | None,
    typer.Option("--overlay", metavar="FILE", help="overlay.json of a running lab: dial the lab and nothing else."),
]
AgainOption = Annotated[
    bool,
    typer.Option("--again", help="Also ask whom a campaign here asked minutes ago, or failed to reach of late."),
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Say who would be asked what; dial nobody.")]


def flags(
    network: str | None, depth: int | None, concurrency: int | None, **top: str | Path | Sequence[str] | None
) -> dict[str, Any]:
    """Return what was given, in the shape of the settings."""
    scan = {"network": network, "depth": depth, "concurrency": concurrency}
    given = {name: value for name, value in top.items() if value is not None}
    inner = {name: value for name, value in scan.items() if value is not None}
    return {**given, "scan": inner} if inner else given
