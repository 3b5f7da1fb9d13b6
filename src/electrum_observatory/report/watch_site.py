"""The pages of a watch: who was there, which servers are consistent with one node, and the evidence of each link."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from electrum_observatory import __version__
from electrum_observatory.analysis.backends.block import PRIOR_FACTORS
from electrum_observatory.analysis.backends.groups import Grouping
from electrum_observatory.analysis.backends.study import DEFAULT_THRESHOLD
from electrum_observatory.analysis.backends.words import ASSUMED
from electrum_observatory.model.watch_ports import NOTHING
from electrum_observatory.report import figures
from electrum_observatory.report.rendering import write_page
from electrum_observatory.report.site import copy_static
from electrum_observatory.report.watch_charts import churn_chart, stay_chart
from electrum_observatory.report.watch_evidence import (
    MOST_PAIRS,
    PAIRS_OF_A_PAGE,
    BridgeView,
    GroupView,
    PairTeller,
    PairView,
    bridge_views,
    group_views,
    sensitivity,
    watch_options,
)
from electrum_observatory.report.watch_findings import WatchFindings
from electrum_observatory.report.watch_images import save_pairs, save_uptime, uptime_cells
from electrum_observatory.report.watch_view import BLINDNESS, lasting, mean_share, moment, server_rows, spells_of

PAGES = {"watch.html": "Watch", "nodes.html": "Nodes"}
"""Pages of a watch and what the menu calls them."""

_GROUPS = "nodes"
_TALL, _MOST_NAMED = 900, 50


def build_watch_site(
    found: WatchFindings,
    out_dir: Path,
    *,
    campaign_pages: Mapping[str, str] | None = None,
    machine_of: Mapping[str, str] | None = None,
) -> Path:
    """Write the pages and return the path of the first.

    Args:
        found: What they show.
        out_dir: Where to; pages of an earlier report are replaced, whatever else lies there is left alone.
        campaign_pages: The pages of a campaign's report in the same folder, for the menu.
        machine_of: Endpoint id to the machine whose page lies in the same folder.
    """
    for folder in ("static", "figures", _GROUPS):
        (out_dir / folder).mkdir(parents=True, exist_ok=True)
    copy_static(out_dir / "static")
    common = _common(found) | {"pages": {**(campaign_pages or {}), **PAGES}, "machine_of": machine_of or {}}
    write_page(out_dir / "watch.html", "watch.html", "", common | _draw_watch(found, out_dir / "figures"))
    _write_nodes(found, out_dir, common)
    return out_dir / "watch.html"


def _common(found: WatchFindings) -> dict[str, Any]:
    table = found.read.table
    first, last = int(table.at_us[0]), int(table.at_us[-1])
    return {
        "found": found,
        "watch": found.read.watch,
        "watch_options": watch_options(found),
        "first_us": first,
        "last_us": last,
        "rounds": len(table.rounds),
        "servers": len(table.endpoints),
        "machines": found.study.machines,
        "programs": tuple(dict.fromkeys(one.tool_version for one in found.read.stints)),
        "gaps": spells_of(found.presence, table.spells, first, last),
        "blindness": BLINDNESS,
        "lasting": lasting,
        "version": __version__,
    }


def _draw_watch(found: WatchFindings, folder: Path) -> dict[str, Any]:
    """Draw the pictures of the first page; return what it needs beside them."""
    image: dict[str, Any] | None = None
    if len(found.presence.at_us) and found.order:
        height = int(np.clip(_TALL // len(found.order), 2, 18))
        cells, first, last = uptime_cells(found.presence, found.read.table.spells, found.order)
        save_uptime(cells, folder, row_height=height)
        image = {
            "width": cells.shape[1],
            "height": height * len(found.order),
            "times": [moment(first + (last - first) * part // 4, last - first) for part in range(5)],
            "codes": sorted(set(cells.ravel().tolist())),
            "names": _names_in_order(found) if len(found.order) <= _MOST_NAMED else (),
        }
    moving = len(found.days) > 1 and any(one.appeared or one.returned or one.left for one in found.days)
    if moving:
        figures.save(churn_chart(found.days), folder, "churn")
    lasted = found.stays is not None and bool(found.stays.days)
    if found.stays is not None and lasted:
        figures.save(stay_chart(found.stays), folder, "stay")
    return {
        "here": "watch.html",
        "image": image,
        "rows": server_rows(found),
        "mean_share": mean_share(found.times),
        "always": sum(one.share == 1.0 for one in found.times),
        "never": sum(one.up == 0 and one.rounds > 0 for one in found.times),
        "has_churn": moving,
        "has_stay": lasted,
    }


def _names_in_order(found: WatchFindings) -> Sequence[str]:
    return [found.times[server].endpoint.service for server in found.order]


def _write_nodes(found: WatchFindings, out_dir: Path, common: dict[str, Any]) -> None:
    study, published = found.study, found.published
    grouping = study.groups(DEFAULT_THRESHOLD)
    groups, bridges = group_views(found, grouping), bridge_views(found, grouping)
    order = _order(found, groups)
    near = study.bits / max(study.prior + np.log2(DEFAULT_THRESHOLD / (1 - DEFAULT_THRESHOLD)), 1.0)
    save_pairs(out_dir / "figures", "nodes", shade=near, linked=grouping.links, order=order)
    save_pairs(out_dir / "figures", "published", shade=1 - published.divergence, linked=published.links, order=order)
    pairs = np.triu(np.ones_like(study.reachable), 1)
    counted = pairs & study.voters[:, None] & study.voters[None, :]  # as the study judges whether data suffice
    values: dict[str, Any] = {
        "here": "nodes.html",
        "grouping": grouping,
        "groups": groups,
        "bridges": bridges,
        "grouped": len({one for group in groups for one in group.machines}),
        "threshold": DEFAULT_THRESHOLD,
        "factors": PRIOR_FACTORS,
        "sensitivity": sensitivity(study, grouping),
        "published": published,
        "clusters": published.clusters(),
        "published_pairs": int((published.links & pairs).sum()),
        "both_pairs": int((published.links & grouping.links & pairs).sum()),
        "without_histogram": int((published.groups == NOTHING).sum()),
        "reachable_share": float(study.reachable[counted].mean()) if counted.any() else 0.0,
        "most_pairs": MOST_PAIRS,
        "assumed": ASSUMED,
    }
    write_page(out_dir / "nodes.html", "nodes.html", "", common | values)
    written = set(_write_evidence(found, grouping, groups, bridges, out_dir / _GROUPS, common | values))
    for page in out_dir.glob(f"{_GROUPS}/*.html"):
        if page.name not in written:
            page.unlink()


def _order(found: WatchFindings, groups: Sequence[GroupView]) -> list[int]:
    """Put groups first, then everybody else by the published rule's clusters."""
    grouped = [machine for group in groups for machine in group.machines]
    left = sorted(
        set(range(found.study.machines)) - set(grouped),
        key=lambda one: (found.published.groups[one] == NOTHING, found.published.groups[one], one),
    )
    return [*grouped, *left]


def _write_evidence(
    found: WatchFindings,
    grouping: Grouping,
    groups: Sequence[GroupView],
    bridges: Sequence[BridgeView],
    folder: Path,
    common: dict[str, Any],
) -> list[str]:
    """Write the pages of groups and balancers; returns their names."""
    if not groups:
        return []
    teller = PairTeller(found, grouping)
    written = []
    for group in groups:
        values = {**common, "group": group, "bridge": None, "title": f"Group {group.number}"}
        written += _write_pairs(teller.of_group(group.machines), folder, group.page, values)
    for view, one in zip(bridges, grouping.bridges, strict=True):
        others = tuple(machine for group in one.groups for machine in groups[group].machines)
        values = {**common, "group": None, "bridge": view, "title": "On two nodes by turns"}
        written += _write_pairs(teller.of_one(one.machine, others), folder, view.page, values)
    return written


def _write_pairs(pairs: Sequence[PairView], folder: Path, first: str, values: Mapping[str, Any]) -> list[str]:
    """Write the pairs, so many to a page; the first page also has the table of all of them."""
    stem = first.removesuffix(".html")
    parts = [pairs[start : start + PAIRS_OF_A_PAGE] for start in range(0, len(pairs), PAIRS_OF_A_PAGE)]
    names = [first, *(f"{stem}-{number}.html" for number in range(2, len(parts) + 1))]
    page_of = {pair.number: name for name, part in zip(names, parts, strict=True) for pair in part}
    signals = tuple(dict.fromkeys(name for pair in pairs for name, _, _ in pair.signals))
    for place, (name, part) in enumerate(zip(names, parts, strict=True)):
        own = {"pairs": pairs, "part": part, "place": place, "parts": names, "page_of": page_of, "signals": signals}
        write_page(folder / name, "node_group.html", "../", {**values, **own, "here": "nodes.html"})
    return names
