"""``observatory export``: campaigns and watches for other people's tools."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from electrum_observatory.cli.console import reader_may_leave, say
from electrum_observatory.cli.export_watch import (
    Format,
    FormatOption,
    OutputOption,
    QuestionOption,
    export_watch,
    watch,
)
from electrum_observatory.cli.options import DEFAULT_DATA, DataOption, JsonOption, StoreOption
from electrum_observatory.cli.partial import say_if_partial
from electrum_observatory.cli.watched import FromOption, ToOption, WatchOption
from electrum_observatory.model.errors import StoreError, UsageError

app = typer.Typer(no_args_is_help=True, invoke_without_command=True, help="Hand campaigns and watches to other tools.")
app.command("watch")(watch)


@app.callback()
def _export(
    context: typer.Context,
    watch: WatchOption = "latest",
    from_: FromOption = None,
    to: ToOption = None,
    form: FormatOption = Format.CSV,
    question: QuestionOption = None,
    output: OutputOption = None,
    data: DataOption = DEFAULT_DATA,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Hand campaigns and watches to other tools; without a command the options are those of `export watch`."""
    if context.invoked_subcommand is not None:
        sources = [context.get_parameter_source(name) for name in context.params]
        if any(source is not None and source.name == "COMMANDLINE" for source in sources):
            raise UsageError(f"options belong behind the command: observatory export {context.invoked_subcommand} …")
    else:
        export_watch(watch, (from_, to), form, question, output, data, store, as_json=as_json)


@app.command("jsonl")
def jsonl(
    campaign: Annotated[str, typer.Argument(help="Campaign id, its beginning, or 'latest'.")] = "latest",
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write here instead of stdout.")] = None,
    data: DataOption = DEFAULT_DATA,
) -> None:
    """Write one campaign as JSONL (docs/formats.md); `observatory import jsonl` reads it back."""
    from electrum_observatory.store.exports.jsonl import export_jsonl
    from electrum_observatory.store.files import replacing
    from electrum_observatory.store.reader import StoreReader

    with StoreReader.open(data) as reader:
        stored = reader.campaign(campaign)
        campaign_id = stored.campaign.campaign_id
        say_if_partial(reader, stored)
        if out is None:
            with reader_may_leave():
                export_jsonl(reader, campaign_id, sys.stdout)
            return
        try:
            with replacing(out) as part, part.open("w", encoding="utf-8") as file:
                lines = export_jsonl(reader, campaign_id, file)
        except OSError as error:
            raise StoreError(f"{out}: {error.strerror}") from error
    say(f"{lines} endpoints of {campaign_id} in {out}")
