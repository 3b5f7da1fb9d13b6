"""What every tool here does around its one function: options from its signature, errors to exit codes."""

import sys
from collections.abc import Callable

import typer

from electrum_observatory.cli.console import say
from electrum_observatory.cli.exits import Exit, exit_for
from electrum_observatory.model.errors import ObservatoryError


def run(command: Callable[..., None]) -> None:
    """Run a tool and end the process with the exit code that ``observatory`` would give."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    app.command()(command)
    try:
        app()
    except ObservatoryError as error:
        say(str(error))
        sys.exit(exit_for(error))
    except KeyboardInterrupt:
        sys.exit(Exit.INTERRUPTED)
