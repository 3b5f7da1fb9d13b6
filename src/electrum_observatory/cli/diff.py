"""``observatory diff A B``: what changed between two campaigns."""

from collections import Counter
from typing import Annotated

import typer

from electrum_observatory.cli.console import emit_json, emit_table, say
from electrum_observatory.cli.hints import command
from electrum_observatory.cli.nowhere import Nowhere
from electrum_observatory.cli.options import DEFAULT_DATA, DataOption, JsonOption
from electrum_observatory.cli.partial import say_if_partial
from electrum_observatory.cli.peace import say_if_in_peace
from electrum_observatory.model.errors import UsageError
from electrum_observatory.report.words import many


def diff(
    before: Annotated[str, typer.Argument(metavar="A", help="The earlier campaign: id, its beginning, or 'latest'.")],
    after: Annotated[str, typer.Argument(metavar="B", help="The later campaign.")] = "latest",
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Say which services came, went, or changed software, certificate, banner, address, … between two campaigns."""
    from electrum_observatory.analysis.changes import changes, not_compared
    from electrum_observatory.datasets import servers, tls
    from electrum_observatory.datasets.load import load
    from electrum_observatory.store.reader import StoreReader

    with StoreReader.open(data) as reader:
        both = [reader.campaign(which) for which in (before, after)]
        if both[0].campaign == both[1].campaign:
            which = command(data, "campaigns", "list")
            raise UsageError(f"{before} and {after} are the same campaign: name two (`{which}`)")
        if not as_json:
            for one in both:
                say_if_in_peace(reader, one)
        standings = [say_if_partial(reader, one).as_json() for one in both]
        facts = [load(reader, which) for which in (before, after)]
    places = Nowhere()
    rows = [servers.build(one, places) for one in facts]
    certificates = [tls.build(one, places) for one in facts]
    found = changes(rows[0], rows[1], tls_before=certificates[0], tls_after=certificates[1])
    unseen = not_compared(rows[0], rows[1])
    names = [one.campaign.campaign_id for one in facts]
    if as_json:
        standing = dict(zip(("before", "after"), standings, strict=True))
        of = {"before": names[0], "after": names[1], "standing": standing}
        emit_json({**of, "changes": found, "not_compared": unseen})
        return
    emit_table(
        f"{names[0]} → {names[1]}",
        ("service", "what", "field", "before", "after"),
        [(one.service, one.kind, one.field, _short(one.before), _short(one.after)) for one in found],
    )
    counts = Counter(str(one.kind) for one in found)
    say(", ".join(f"{number} {kind}" for kind, number in sorted(counts.items())) or "Nothing changed.")
    if unseen:
        say(f"Not compared: {many(len(unseen), 'service')} that one of the campaigns knew of and did not look at.")


def _short(text: str | None, limit: int = 60) -> str | None:
    return text if text is None or len(text) <= limit else f"{text[:limit]}…"
