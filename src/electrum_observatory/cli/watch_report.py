"""The pages of a watch, and the campaign's report that they lie beside: ``observatory report --watch``."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from electrum_observatory.cli.console import at_work
from electrum_observatory.cli.libraries import need
from electrum_observatory.cli.watched import chosen_watch, read_table, span_of
from electrum_observatory.model.errors import UsageError

if TYPE_CHECKING:
    from electrum_observatory.report.watch_findings import Watched

_LIBRARIES = ("scipy", "matplotlib", "altair", "jinja2")


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchAsked:
    """Which watch the pages are to be of.

    Attributes:
        watch: Id, its beginning, or ``latest``.
        start: Beginning of the span; None for the watch's.
        end: Its end; None for the watch's.
        store: URL of PostgreSQL; None for the data folder.
    """

    watch: str
    start: str | None = None
    end: str | None = None
    store: str | None = None


def read_watch(data: Path, asked: WatchAsked) -> "Watched":
    """Read a watch with everything that its pages need.

    Raises:
        UsageError: No watch is called so, a time cannot be read, or libraries are missing.
        InputError: There is nothing to read.
    """
    from electrum_observatory.cli.life_looks import builds_said, events_within
    from electrum_observatory.cli.own_campaigns import machines_known
    from electrum_observatory.cli.watch_stores import open_watch_source
    from electrum_observatory.report.watch_findings import Watched

    need(_LIBRARIES, "a watch's site", "report")
    span = span_of(asked.start, asked.end)
    with at_work("Reading the watch …"), open_watch_source(data, asked.store) as source:
        watch = chosen_watch(source, asked.watch)
        table = read_table(source, watch, span)
        stints = source.stints(watch.watch_id)
    options = (("--from", asked.start), ("--to", asked.end))
    return Watched(
        watch=watch,
        stints=stints,
        table=table,
        span_words=" ".join(f"{name} {value}" for name, value in options if value is not None),
        machines=machines_known(data, watch),
        builds=builds_said(data, watch),
        changes=events_within(data, watch, span, table.endpoints),
    )


def campaign_beside(data: Path, read: "Watched", wanted: str) -> str | None:
    """Return the campaign whose report the pages belong to: of the same network, the latest, or the one that is named.

    Raises:
        UsageError: The campaign that is named is of another network.
        InputError: There is no campaign of that name.
    """
    from electrum_observatory.cli.own_campaigns import campaigns_of, same_world
    from electrum_observatory.store.reader import StoreReader, has_campaigns

    if not has_campaigns(data):
        return None
    with StoreReader.open(data) as reader:
        if wanted != "latest":
            named = reader.campaign(wanted).campaign
            if not same_world(named, read.watch):
                raise UsageError(f"{named.campaign_id} and {read.watch.watch_id} are of different networks")
            return named.campaign_id
        ours = campaigns_of(reader, read.watch)
    return ours[-1].campaign_id if ours else None


def write_watch_pages(
    read: "Watched", folder: Path, *, campaign_pages: Mapping[str, str], machine_of: Mapping[str, str]
) -> Path:
    """Write the pages and return the first of them; arguments as ``report.watch_site.build_watch_site``."""
    from electrum_observatory.report.watch_findings import watch_findings
    from electrum_observatory.report.watch_site import build_watch_site

    with at_work("Weighing and drawing what the watch saw …"):
        return build_watch_site(watch_findings(read), folder, campaign_pages=campaign_pages, machine_of=machine_of)
