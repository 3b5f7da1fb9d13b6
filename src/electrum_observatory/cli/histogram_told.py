"""Comparisons of histograms as tables, JSON and CSV."""

import csv
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from electrum_observatory.analysis.histograms.stability import FEWEST_SERVERS
from electrum_observatory.cli.times import when
from electrum_observatory.model.watch_ports import NOTHING, Numbers
from electrum_observatory.report.sanitise import for_csv
from electrum_observatory.store.times import to_iso

if TYPE_CHECKING:
    from electrum_observatory.analysis.histograms.comparing import Comparison
    from electrum_observatory.analysis.histograms.divergence import Unit
    from electrum_observatory.analysis.histograms.explained import ExplainedClusters
    from electrum_observatory.analysis.histograms.information import Explained
    from electrum_observatory.analysis.histograms.stability import Stability
    from electrum_observatory.cli.histogram_looks import Look
    from electrum_observatory.datasets.watch.answers import Floats

_DIGITS = 9
_SHARES = (0.1, 0.5, 0.9)
_TOO_FEW = "fewer than three servers in both (no index)"
_ALL_TOGETHER = "all servers in one cluster at both (no index)"
_EACH_ALONE = "each server alone at both (no index)"
_ONE_SIDED = "all in one cluster, or each alone, at one of the two (index 0, however few moved)"


def equal_pairs(content: Numbers) -> int:
    """Count the pairs whose histograms were equal, sizes too, at every moment at which both had bins, one at least.

    Divergence 0 does not say so: it compares shares, and two histograms of one bin have the same, whatever its size.

    Args:
        content: Equal numbers for equal histograms, ``NOTHING`` without bins; shape (T, n).
    """
    servers = content.shape[1]
    met, differed = np.zeros((2, servers, servers), dtype=np.bool_)
    for given in content:
        known = given != NOTHING
        both = known[:, None] & known
        met |= both
        differed |= both & (given[:, None] != given)
    return int(np.triu(met & ~differed, 1).sum())


def matrix_rows(compared: "Comparison", watch_id: str, equal: int) -> Iterator[tuple[str, object]]:
    """Yield the figures of a matrix: who is in it, how pairs are spread, what is linked, how many pairs are equal."""
    upper = compared.matrix[np.triu_indices(len(compared.names), 1)]
    pairs = upper[~np.isnan(upper)]
    yield "watch", watch_id
    yield "from (UTC)", when(compared.from_us)
    yield "to (UTC)", when(compared.to_us)
    yield "moments", compared.moments
    yield "figures of each pair", compared.statistic
    yield "replies of a moment within", f"{compared.window_us / 1e6:.1f} s"
    yield "vantage", compared.vantage
    servers = "servers" if compared.moments == 1 else "servers at the last moment"
    for state, number in sorted(Counter(compared.states).items()):
        yield f"{servers}: {state}", number
    yield "pairs with data", len(pairs)
    if len(pairs):
        for share in _SHARES:
            yield f"{share:.0%} of them at most", f"{np.quantile(pairs, share):.3f}"
        yield f"linked (at most {compared.threshold:g})", int((pairs <= compared.threshold).sum())
        yield "at 0: equal after normalising, whatever the sizes", int((pairs == 0).sum())
        yield "equal histograms, sizes too" + ("" if compared.moments == 1 else ", at every moment"), equal
    yield "sizes of clusters of two and more", _sizes(compared)


def _sizes(compared: "Comparison") -> str:
    sizes = np.bincount(compared.groups[compared.groups != NOTHING])
    return ", ".join(str(size) for size in sizes if size > 1) or "none"


def matrix_as_json(compared: "Comparison", watch_id: str, *, whole: bool = True) -> dict[str, Any]:
    """Return a comparison, with the whole matrix or without."""
    rows = np.round(compared.matrix, _DIGITS)
    told = {
        "watch_id": watch_id,
        "vantage": compared.vantage,
        "from": to_iso(compared.from_us),
        "to": to_iso(compared.to_us),
        "moments": compared.moments,
        "window_s": compared.window_us / 1e6,
        "statistic": compared.statistic,
        "unit": compared.unit.words,
        "threshold": compared.threshold,
        "servers": [
            {"server": name, "state": state, "group": None if group == NOTHING else group + 1}
            for name, state, group in zip(compared.names, compared.states, compared.groups.tolist(), strict=True)
        ],
    }
    return {**told, "matrix": _plain(rows)} if whole else told


def _plain(matrix: Any) -> list[list[float | None]]:
    return [[None if math.isnan(value) else value for value in row] for row in matrix.tolist()]


def write_csv(compared: "Comparison", path: Path) -> None:
    """Write the matrix, servers as the first row and column; the corner names the unit."""
    names = [for_csv(name) for name in compared.names]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([compared.unit.words, *names])
        for name, row in zip(names, _plain(np.round(compared.matrix, _DIGITS)), strict=True):
            writer.writerow([name, *("" if value is None else value for value in row)])


def _clusters(
    compared: "Comparison", programs: Sequence[str], policies: Sequence[str], machines: Sequence[str]
) -> Iterator[tuple[int, list[str], int, Counter[str], Counter[str]]]:
    for number in range(int(compared.groups.max(initial=NOTHING)) + 1):
        members = np.flatnonzero(compared.groups == number).tolist()
        yield (
            number + 1,
            [compared.names[one] for one in members],
            len({machines[one] for one in members}),
            Counter(programs[one] for one in members),
            Counter(policies[one] for one in members),
        )


def cluster_rows(
    compared: "Comparison", programs: Sequence[str], policies: Sequence[str], machines: Sequence[str]
) -> Iterator[tuple[object, ...]]:
    """Yield a row for each cluster of two and more; then, in one row, those that are alone."""
    alone = 0
    for number, members, own, by_program, by_policy in _clusters(compared, programs, policies, machines):
        if len(members) > 1:
            yield number, len(members), own, _counted(by_program), _counted(by_policy), ", ".join(members)
        else:
            alone += 1
    if alone:
        yield "alone", alone, None, None, None, None


def _counted(words: Mapping[str, int]) -> str:
    return "; ".join(f"{number} × {word}" for word, number in Counter(words).most_common())


def grouped_as_json(
    compared: "Comparison",
    watch_id: str,
    programs: Sequence[str],
    policies: Sequence[str],
    machines: Sequence[str],
) -> dict[str, Any]:
    """Return the clusters, those of one server too."""
    clusters = [
        {"cluster": number, "servers": members, "machines": own, "programs": by_program, "policies": by_policy}
        for number, members, own, by_program, by_policy in _clusters(compared, programs, policies, machines)
    ]
    return {**matrix_as_json(compared, watch_id, whole=False), "clusters": clusters}


def stability_rows(found: "Stability", groups: Sequence[Numbers]) -> Iterator[tuple[str, object]]:
    """Yield how moments agree, and how many pairs are together always, sometimes, never.

    Args:
        found: The agreement of the moments.
        groups: The groups of each moment, which it was found from.
    """
    yield from _agreement_rows("moment and the one before", found.consecutive, list(pairwise(groups)))
    yield from _agreement_rows("moment and the first", found.with_first, [(groups[0], one) for one in groups[1:]])
    share = found.together[np.triu_indices(len(found.together), 1)]
    share = share[~np.isnan(share)]
    yield "pairs with data", len(share)
    yield "in one cluster at every moment", int((share == 1).sum())
    yield "at some moments", int(((share > 0) & (share < 1)).sum())
    yield "at none", int((share == 0).sum())


def _agreement_rows(
    words: str, values: "Floats", pairs: Sequence[tuple[Numbers, Numbers]]
) -> Iterator[tuple[str, object]]:
    """Yield how often the clusters were the same, then the index: it exists only where something could disagree.

    Where hardly anything changes, the index alone would show nothing but the disturbances.
    """
    kinds = Counter(_kind(one, other) for one, other in pairs)
    known = values[~np.isnan(values)]
    same = int((known == 1).sum()) + kinds[_ALL_TOGETHER] + kinds[_EACH_ALONE]
    yield f"{words}: same clusters", f"{same} of {len(values)}"
    for kind in (_ALL_TOGETHER, _EACH_ALONE, _TOO_FEW):
        if kinds[kind]:
            yield f"{words}: {kind}", kinds[kind]
    yield f"{words}: adjusted Rand index defined", f"{len(known)} of {len(values)}"
    if kinds[_ONE_SIDED]:
        yield f"{words}: {_ONE_SIDED}", kinds[_ONE_SIDED]
    yield f"{words}: index where defined, median", _three_digits(np.median(known)) if len(known) else None
    yield f"{words}: index where defined, least", _three_digits(known.min()) if len(known) else None


def _three_digits(value: float) -> float:
    return round(float(value), 3) + 0.0


def _kind(one: Numbers, other: Numbers) -> str | None:
    """Return why two groupings have no index, or one of 0 whatever they are; None where it says something."""
    both = (one != NOTHING) & (other != NOTHING)
    servers = int(both.sum())
    if servers < FEWEST_SERVERS:
        return _TOO_FEW
    first, second = (len(np.unique(groups[both])) for groups in (one, other))
    if first == second == 1:
        return _ALL_TOGETHER
    if first == second == servers:
        return _EACH_ALONE
    return _ONE_SIDED if {first, second} & {1, servers} else None


def stability_as_json(
    seen: "Look", found: "Stability", groups: Sequence[Numbers], unit: "Unit", threshold: float
) -> dict[str, Any]:
    """Return the clusters and the agreement of each moment, and each pair's share of the moments."""
    return {
        "watch_id": seen.watch.watch_id,
        "vantage": seen.watch.vantage,
        "unit": unit.words,
        "threshold": threshold,
        "moments": [to_iso(int(seen.table.at_us[one])) for one in seen.rounds],
        "clusters": [int(one.max(initial=NOTHING)) + 1 for one in groups],
        "with_the_one_before": _plain(found.consecutive[None])[0],
        "with_the_first": _plain(found.with_first[None])[0],
        "servers": list(seen.names),
        "together": _plain(np.round(found.together, _DIGITS)),
    }


def explained_rows(found: "ExplainedClusters") -> Iterator[tuple[object, ...]]:
    """Yield a row for each factor and combination, over servers and over machines."""
    for words, factors in (("servers", found.factors), ("machines", found.over_machines)):
        for name, one in factors.items():
            yield _explained_row(name, one, f"{one.servers} {words}")


def _explained_row(name: str, one: "Explained", counted: str) -> tuple[object, ...]:
    shares = [
        None if share is None else f"{round(share, 4) + 0.0:.0%}" for share in (one.share, one.corrected, one.adjusted)
    ]
    p = f"{one.p:.4f}"
    return (name, f"{one.bits:.2f}", f"{one.by_chance_bits:.2f}", *shares, p, one.values, counted)
