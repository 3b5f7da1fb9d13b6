"""``observatory report``: the tables and the pages of one campaign."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from electrum_observatory.cli.console import emit_json, say
from electrum_observatory.cli.options import DEFAULT_DATA, DataOption, GeoIpOption, JsonOption, StoreOption
from electrum_observatory.cli.partial import Standing, say_if_partial
from electrum_observatory.cli.peace import say_if_in_peace
from electrum_observatory.cli.watch_report import WatchAsked
from electrum_observatory.cli.watched import FromOption, ToOption
from electrum_observatory.model.errors import StoreError, UsageError

if TYPE_CHECKING:
    from electrum_observatory.analysis.behaviour import EndpointBehaviour
    from electrum_observatory.analysis.treatment_stored import EndpointTreatment
    from electrum_observatory.analysis.truth.stored import EndpointTruth
    from electrum_observatory.datasets.facts import CampaignFacts
    from electrum_observatory.enrich.places import PlaceBook

ReportedWatchOption = Annotated[
    str | None,
    typer.Option("--watch", metavar="WATCH", help="Add pages of this watch: its id, the beginning of it, or 'latest'."),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFiles:
    """Where a report lies.

    Attributes:
        campaign_id: The campaign.
        tables: The CSV files.
        report: The first page; None where no pages were asked for.
    """

    campaign_id: str
    tables: tuple[str, ...]
    report: str | None


def report(
    campaign: Annotated[str, typer.Argument(help="Campaign id, its beginning, or 'latest'.")] = "latest",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Where the pages go (default DATA/reports/CAMPAIGN).")
    ] = None,
    tables_only: Annotated[bool, typer.Option("--tables-only", help="Write the CSV tables, no pages.")] = False,
    watch: ReportedWatchOption = None,
    from_: FromOption = None,
    to: ToOption = None,
    data: DataOption = DEFAULT_DATA,
    store: StoreOption = None,
    geoip: GeoIpOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write tables (DATA/processed/*.csv) and a folder of pages that needs no network to be read.

    With --watch pages of a watch come beside them: who was there when, and which servers are consistent with one node.
    They lie in the report of the campaign of the same network, or alone in DATA/reports/WATCH where there is none.
    """
    if watch is not None:
        if tables_only:
            raise UsageError("--watch is for pages, and --tables-only writes none")
        asked = WatchAsked(watch=watch, start=from_, end=to, store=store)
        _tell_watch(*_report_watch(data, campaign, asked, out, geoip), as_json=as_json)
        return
    if from_ is not None or to is not None:
        raise UsageError("--from and --to are the span of a watch: name one with --watch")
    standing = _remark(data, campaign)
    written = write_report(data, campaign, out=out, geoip=geoip, pages=not tables_only)
    if as_json:
        emit_json({**msgspec.to_builtins(written), **standing.as_json()})
        return
    for path in written.tables:
        say(f"Table:  {path}")
    if written.report is not None:
        say(f"Report: {written.report}")


def _remark(data: Path, campaign: str) -> Standing:
    """Say whether a campaign is partial, or left everybody in peace."""
    from electrum_observatory.store.reader import StoreReader

    with StoreReader.open(data) as reader:
        stored = reader.campaign(campaign)
        standing = say_if_partial(reader, stored)
        say_if_in_peace(reader, stored)
    return standing


def _report_watch(
    data: Path, campaign: str, asked: WatchAsked, out: Path | None, geoip: Path | None
) -> tuple[Path, ReportFiles | None]:
    """Write the pages of a watch, and the report of the campaign that they belong to; return where they are."""
    from electrum_observatory.cli.watch_report import campaign_beside, read_watch, write_watch_pages
    from electrum_observatory.report.site import NO_PAGES, PAGES
    from electrum_observatory.report.watch_site import PAGES as OF_A_WATCH

    read = read_watch(data, asked)
    beside = campaign_beside(data, read, campaign)
    folder = out or data / "reports" / (beside or read.watch.watch_id)
    if beside is not None:
        _remark(data, beside)
    files = None if beside is None else write_report(data, beside, out=out, geoip=geoip, further_pages=OF_A_WATCH)
    with _failing_in_words(data, out):
        page = write_watch_pages(
            read,
            folder,
            campaign_pages=NO_PAGES if files is None else PAGES,
            machine_of={} if files is None else _with_pages(folder, read.machines),
        )
    return page, files


def _with_pages(folder: Path, machines: Mapping[str, str]) -> dict[str, str]:
    """Return the endpoints whose machine has a page in the report."""
    there = {path.stem for path in (folder / "machines").glob("m-*.html")}
    return {endpoint: machine for endpoint, machine in machines.items() if machine in there}


def _tell_watch(page: Path, files: ReportFiles | None, *, as_json: bool) -> None:
    if as_json:
        emit_json({"watch_report": str(page), "campaign": files})
        return
    for path in files.tables if files is not None else ():
        say(f"Table:  {path}")
    if files is not None:
        say(f"Report: {files.report}")
    say(f"Watch:  {page}")


def write_report(
    data: Path,
    campaign: str = "latest",
    *,
    out: Path | None = None,
    geoip: Path | None = None,
    pages: bool = True,
    further_pages: Mapping[str, str] = MappingProxyType({}),
) -> ReportFiles:
    """Write the tables and, where asked, the pages; return where they are.

    ``further_pages`` are files that somebody else writes into the folder, for the menu.
    """
    from electrum_observatory.analysis.behaviour import behaviours
    from electrum_observatory.analysis.treatment_stored import treatment_of
    from electrum_observatory.analysis.truth.stored import truths_of
    from electrum_observatory.datasets.load import first_seen, load
    from electrum_observatory.enrich.places import PlaceBook
    from electrum_observatory.report.tables import write_tables_of
    from electrum_observatory.store.reader import StoreReader

    places = PlaceBook.open(geoip)
    with StoreReader.open(data) as reader:
        facts, seen, judged = load(reader, campaign), first_seen(reader), behaviours(reader, campaign)
        truths = truths_of(reader, facts.campaign.campaign_id)
        treated = treatment_of(reader, facts.campaign.campaign_id)
    campaign_id = facts.campaign.campaign_id
    with _failing_in_words(data, None):
        tables = write_tables_of(facts, data / "processed", places, seen, judged, truths)
    with _failing_in_words(data, out):
        folder = out or data / "reports" / campaign_id
        page = _pages(facts, folder, places, seen, judged, truths, treated, further_pages) if pages else None
    return ReportFiles(
        campaign_id=campaign_id,
        tables=tuple(str(path) for path in tables),
        report=None if page is None else str(page),
    )


@contextmanager
def _failing_in_words(data: Path, out: Path | None) -> Iterator[None]:
    """Write inside: to ``out``, or where that is None to the data folder."""
    from electrum_observatory.store.database import explain

    try:
        yield
    except OSError as error:
        if out is None:
            raise explain(error, data) from error
        what_to_do = "make room there, check its permissions, or choose another folder with --out"
        raise StoreError(f"cannot write the pages to {out} ({error.strerror}): {what_to_do}") from error


def _pages(
    facts: "CampaignFacts",
    out: Path,
    places: "PlaceBook",
    seen: Mapping[str, int],
    judged: Mapping[str, "EndpointBehaviour"],
    truths: Mapping[str, "EndpointTruth"],
    treated: Mapping[str, "EndpointTreatment"],
    further_pages: Mapping[str, str],
) -> Path:
    try:
        from electrum_observatory.report.site import build_site_of
    except ImportError as error:
        what = f"pages need packages that are not installed ({error.name})"
        raise UsageError(f"{what}: pip install 'electrum-observatory[report]', or ask for --tables-only") from error
    return build_site_of(facts, out, places, seen, judged, truths, treated, further_pages)
