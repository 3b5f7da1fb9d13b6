"""The options that several commands share, spelled once."""

from pathlib import Path
from typing import Annotated

import typer

DataOption = Annotated[
    Path,
    typer.Option("--data", metavar="DIR", envvar="OBSERVATORY_DATA", help="Data folder.", show_default=True),
]
StoreOption = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="URL",
        envvar="OBSERVATORY_STORE__URL",
        help="Keep and read watches in PostgreSQL, postgresql://user@host/database, not in the data folder. "
        "Passwords belong into ~/.pgpass or the environment.",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document to stdout.")]
GeoIpOption = Annotated[
    Path | None,
    typer.Option("--geoip", metavar="FILE.mmdb", help="Look places up in this file instead of the embedded tables."),
]
CampaignArgument = Annotated[
    str, typer.Argument(metavar="CAMPAIGN", help="Campaign id, the beginning of one, or 'latest'.")
]

DEFAULT_DATA = Path("data")
