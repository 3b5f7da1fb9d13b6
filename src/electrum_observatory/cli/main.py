"""The command ``observatory``: its sub-commands, one file each, and the one place that ends the process."""

import itertools
import re
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from electrum_observatory import __version__
from electrum_observatory.cli import campaigns, histograms, lab
from electrum_observatory.cli.backends import backends
from electrum_observatory.cli.console import say
from electrum_observatory.cli.demo import demo
from electrum_observatory.cli.diff import diff
from electrum_observatory.cli.discover import discover
from electrum_observatory.cli.doctor import doctor
from electrum_observatory.cli.exits import Exit, exit_for
from electrum_observatory.cli.export import app as export_app
from electrum_observatory.cli.fingerprint import fingerprint
from electrum_observatory.cli.geo import geo
from electrum_observatory.cli.identify import identify
from electrum_observatory.cli.importing import app as import_app
from electrum_observatory.cli.last_words import guard_output
from electrum_observatory.cli.lifecycle import lifecycle
from electrum_observatory.cli.monitor import monitor
from electrum_observatory.cli.report import report
from electrum_observatory.cli.scan import scan
from electrum_observatory.cli.show import show
from electrum_observatory.cli.truth import truth
from electrum_observatory.cli.watches import app as watches_app
from electrum_observatory.model.errors import ObservatoryError

_HOST_AND_PORT = re.compile(r"(?:\[[^\]]+\]|[^:\s-][^:\s]*):\d+")
TOR_HOST, TOR_PORT = "127.0.0.1", 9050  # as net.proxy has them; importing it here would slow every start
_EPILOG = (
    "Exit codes: 0 done, 1 our bug, 2 usage or configuration, 3 unreadable input, 4 nothing answered, "
    "5 data folder locked, unwritable or full, 6 partial, 130 interrupted (sealed; after two signals maybe open)."
)

app = typer.Typer(
    name="observatory",
    help="Measure the network of public Electrum servers.",
    epilog=_EPILOG,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"electrum-observatory {__version__}\n")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", callback=_version, is_eager=True),
    ] = False,
) -> None:
    """Measure the network of public Electrum servers."""


for _command in (
    demo,
    scan,
    monitor,
    fingerprint,
    identify,
    truth,
    discover,
    report,
    show,
    diff,
    backends,
    lifecycle,
    geo,
    doctor,
):
    app.command(name=_command.__name__, epilog=_EPILOG)(_command)
app.add_typer(import_app, name="import")
app.add_typer(export_app, name="export")
app.add_typer(campaigns.app, name="campaigns")
app.add_typer(histograms.app, name="histograms")
app.add_typer(watches_app, name="watches")
app.add_typer(lab.app, name="lab")


def with_tor_spelled_out(arguments: Sequence[str]) -> list[str]:
    """Give a bare ``--tor`` its default value, which the option parser cannot do: what follows may be a target."""
    spelled: list[str] = []
    for argument, following in itertools.zip_longest(arguments, arguments[1:]):
        spelled.append(argument)
        if argument == "--tor" and (following is None or _HOST_AND_PORT.fullmatch(following) is None):
            spelled.append(f"{TOR_HOST}:{TOR_PORT}")
    return spelled


def run(arguments: Sequence[str] | None = None) -> None:
    """Run the command line (``sys.argv`` unless given) and end the process with its exit code."""
    guard_output()
    try:
        app(with_tor_spelled_out(sys.argv[1:] if arguments is None else arguments))
    except ObservatoryError as error:
        code = exit_for(error)
        say(f"observatory: {error}")
        for note in getattr(error, "__notes__", ()):
            say(note)
        if code is Exit.OUR_BUG:
            say("This should not reach you: please report it with the command that led here.")
        sys.exit(code)
    except KeyboardInterrupt:
        sys.exit(Exit.INTERRUPTED)
