"""``observatory truth [CAMPAIGN…]``: which stored answers do not fit proofs, known facts or other servers."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from electrum_observatory.cli.console import STDOUT, brief, emit_json, emit_table, say
from electrum_observatory.cli.identified import short_name
from electrum_observatory.cli.options import DEFAULT_DATA, DataOption, JsonOption
from electrum_observatory.cli.partial import say_if_partial
from electrum_observatory.model.errors import UsageError
from electrum_observatory.report.words import many

if TYPE_CHECKING:
    from collections.abc import Iterator

    from electrum_observatory.analysis.truth.finding import Quote
    from electrum_observatory.analysis.truth.judge import Judgement

_COLUMNS = ("server", "finding", "severity", "what does not fit", "shown by")


def truth(
    campaigns: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="CAMPAIGN",
            help="Campaigns of one network, judged together: ids, their beginnings, or 'latest'. Default: latest.",
        ),
    ] = None,
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Say which stored answers do not fit proofs, known facts or other servers, and which bytes show it."""
    from electrum_observatory.analysis.truth.stored import truth_of
    from electrum_observatory.store.reader import StoreReader

    with StoreReader.open(data) as reader:
        stored = [reader.campaign(which) for which in campaigns or ["latest"]]
        standings = [say_if_partial(reader, one).as_json() for one in stored]
        names = [one.campaign.campaign_id for one in stored]
        try:
            told = truth_of(reader, names)
        except ValueError as error:
            raise UsageError(str(error)) from error
    if told is None:
        network = stored[0].campaign.network
        raise UsageError(f"nothing is known beforehand of the chain of {network}, so nothing can be held against it")
    if as_json:
        emit_json({"campaigns": names, "standings": standings, **_as_json(told.judgement)})
        return
    rows = list(_rows(told.judgement))
    if rows or not STDOUT.is_terminal:
        emit_table("", _COLUMNS, rows, spare=("shown by",))
    _explain(told.judgement)


def _rows(judgement: "Judgement") -> "Iterator[tuple[str, str, str, str, str]]":
    """Yield what does not fit, the strongest first; a want of data needs no line of its own on a screen."""
    from electrum_observatory.analysis.truth.areas import strength
    from electrum_observatory.analysis.truth.finding import flags

    listed = flags(judgement.findings) if STDOUT.is_terminal else judgement.findings
    for one in sorted(listed, key=lambda finding: -strength(finding.severity)):
        shown = ", ".join(dict.fromkeys(quote.exchange for quote in one.witnesses))
        yield short_name(one.subject), one.id, one.severity.value, brief(one.words), shown


def _explain(judgement: "Judgement") -> None:
    """Say what would explain each sort of finding innocently, of whom too little was heard, and of how many enough."""
    from electrum_observatory.analysis.truth.finding import Severity, flags

    flagged = flags(judgement.findings)
    for identity, innocent in sorted({(one.id, one.innocent) for one in flagged}):
        say(f"{identity}: may also be {innocent}.")
    wanting: dict[tuple[str, str], set[str]] = {}
    for one in judgement.findings:
        if one.severity is Severity.INSUFFICIENT:
            wanting.setdefault((one.id, one.innocent), set()).add(one.subject)
    for (identity, innocent), subjects in sorted(wanting.items()):
        say(f"{identity}: insufficient at {many(len(subjects), 'endpoint')} ({innocent}).")
    named = len({one.subject for one in flagged})
    say(f"{many(len(judgement.servers), 'endpoint')} heard; something does not fit at {named}. docs/truth.md explains.")


def _as_json(judgement: "Judgement") -> dict[str, Any]:
    return {
        "servers": sorted(judgement.servers),
        "foreign": sorted(judgement.foreign),
        "findings": [
            {
                "id": one.id,
                "severity": one.severity,
                "subject": one.subject,
                "words": one.words,
                "innocent": one.innocent,
                "witnesses": [_quoted(quote) for quote in one.witnesses],
            }
            for one in judgement.findings
        ],
    }


def _quoted(quote: "Quote") -> dict[str, str]:
    return {
        "server": quote.server,
        "exchange": quote.exchange,
        "line": quote.line.decode("utf-8", "backslashreplace"),
    }
