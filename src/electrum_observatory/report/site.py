"""The report as a folder of static pages that asks nothing of the outside: open ``index.html`` from anywhere."""

import json
import shutil
from collections.abc import Mapping
from importlib.resources import as_file, files
from pathlib import Path
from types import MappingProxyType
from typing import Any

from electrum_observatory import __version__
from electrum_observatory.analysis.behaviour import EndpointBehaviour, StoredCampaigns, behaviours
from electrum_observatory.analysis.machines import Machine
from electrum_observatory.analysis.overview import value_of
from electrum_observatory.analysis.treatment_stored import NOBODY_ASKED, EndpointTreatment, treatment_of
from electrum_observatory.analysis.truth.stored import NOTHING_JUDGED, EndpointTruth, truths_of
from electrum_observatory.datasets.facts import CampaignFacts, PlaceLookup
from electrum_observatory.datasets.load import first_seen, load
from electrum_observatory.report import figures
from electrum_observatory.report.build_words import build_of, software_of
from electrum_observatory.report.builds_chart import builds_chart
from electrum_observatory.report.findings import Findings, findings
from electrum_observatory.report.machine_view import facts_of, line_of, shown_of, told_of
from electrum_observatory.report.rendering import write_page
from electrum_observatory.report.tables import write_tables_of
from electrum_observatory.report.treatment_view import treatment_views
from electrum_observatory.report.truth_view import area_counts, misfits, truth_views
from electrum_observatory.report.world_map import world_map

PAGES = {
    "index.html": "Overview",
    "servers.html": "Servers",
    "certificates.html": "Certificates",
    "method.html": "Method",
}
"""Pages of a campaign and what the menu calls them."""

NO_PAGES: Mapping[str, str] = MappingProxyType({})


def build_site(reader: StoredCampaigns, campaign: str, out_dir: Path, places: PlaceLookup) -> Path:
    """Write the report of a campaign (id, prefix or "latest") and return the path of its first page.

    Files of an earlier report in ``out_dir`` are replaced; whatever else lies there is left alone.
    """
    judged, truths = behaviours(reader, campaign), truths_of(reader, campaign)
    treated = treatment_of(reader, campaign)
    return build_site_of(load(reader, campaign), out_dir, places, first_seen(reader), judged, truths, treated)


def build_site_of(
    facts: CampaignFacts,
    out_dir: Path,
    places: PlaceLookup,
    seen: Mapping[str, int],
    judged: Mapping[str, EndpointBehaviour],
    truths: Mapping[str, EndpointTruth] = NOTHING_JUDGED,
    treated: Mapping[str, EndpointTreatment] = NOBODY_ASKED,
    further_pages: Mapping[str, str] = NO_PAGES,
) -> Path:
    """Do the same from facts at hand; arguments as :func:`~electrum_observatory.report.tables.write_tables_of`.

    ``further_pages`` are files that somebody else writes into the folder, for the menu.
    """
    found = findings(facts, places, seen, judged)
    for folder in ("static", "figures", "machines", "tables"):
        (out_dir / folder).mkdir(parents=True, exist_ok=True)
    copy_static(out_dir / "static")
    _draw(found, out_dir / "figures")
    write_tables_of(facts, out_dir / "tables", places, seen, judged, truths)
    _write_pages(found, out_dir, truths, treated, {**PAGES, **further_pages})
    return out_dir / "index.html"


def _draw(found: Findings, folder: Path) -> None:
    if found.spots:
        figures.save(world_map(found.spots), folder, "world")
    if found.pings:
        figures.save(figures.latency_histogram(found.pings), folder, "latency")
    if any(line.label for line in found.shares.implementations):
        figures.save(builds_chart(found.shares.builds), folder, "builds")
    if found.populations.dialled:
        figures.save(figures.reachability_bars(found.machines), folder, "reachability")


def _write_pages(
    found: Findings,
    out_dir: Path,
    truths: Mapping[str, EndpointTruth],
    treated: Mapping[str, EndpointTreatment],
    pages: Mapping[str, str],
) -> None:
    common = {
        "found": found,
        "campaign": found.campaign,
        "config": json.dumps(found.campaign.config, indent=2, ensure_ascii=False, sort_keys=True),
        "pages": pages,
        "told_of": told_of,
        "facts_of": facts_of,
        "line_of": line_of,
        "build_of": lambda machine: value_of(machine, lambda row: build_of(found.judged.get(row.endpoint_id))),
        "shown_of": shown_of,
        "software_of": software_of,
        "truth_views": lambda rows: truth_views(rows, truths),
        "treatments": lambda rows: treatment_views(rows, treated),
        "area_counts": area_counts(found.machines, truths),
        "misfits": misfits(found.machines, truths),
        "version": __version__,
    }
    for name in PAGES:
        write_page(out_dir / name, name, "", common | {"here": name})
    _remove_old_machines(out_dir / "machines", found.machines)
    for machine in found.machines:
        values: dict[str, Any] = common | {"here": "servers.html", "machine": machine}
        write_page(out_dir / "machines" / f"{machine.machine_id}.html", "machine.html", "../", values)


def copy_static(folder: Path) -> None:
    """Write the style sheet and the script of the pages."""
    with as_file(files("electrum_observatory.report").joinpath("static")) as source:
        for file in sorted(source.iterdir()):
            shutil.copyfile(file, folder / file.name)


def _remove_old_machines(folder: Path, machines: tuple[Machine, ...]) -> None:
    kept = {f"{machine.machine_id}.html" for machine in machines}
    for page in folder.glob("m-*.html"):
        if page.name not in kept:
            page.unlink()
