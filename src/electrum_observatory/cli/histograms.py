"""``observatory histograms …``: fee histograms of all pairs of servers, as the published study compares them.

The command shows the study's method and how much of its clusters needs no shared node. It concludes nothing about
nodes: ``observatory backends`` weighs the evidence.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from electrum_observatory.analysis.histograms.divergence import Unit
from electrum_observatory.cli.console import at_work, emit_json, emit_table, say
from electrum_observatory.cli.histogram_looks import DAY_US, Asked, Look, builds_of, look, machines_of
from electrum_observatory.cli.histogram_told import (
    cluster_rows,
    equal_pairs,
    explained_rows,
    grouped_as_json,
    matrix_as_json,
    matrix_rows,
    stability_as_json,
    stability_rows,
    write_csv,
)
from electrum_observatory.cli.options import DEFAULT_DATA, DataOption, JsonOption, StoreOption
from electrum_observatory.cli.pictures import check_picture, check_place, writing
from electrum_observatory.cli.watched import FromOption, ToOption, WatchOption
from electrum_observatory.model.errors import InputError

if TYPE_CHECKING:
    from electrum_observatory.analysis.histograms.comparing import Comparison

app = typer.Typer(help="Compare fee histograms as the published study does, and say what explains its clusters.")

AtOption = Annotated[
    str | None, typer.Option("--at", metavar="WHEN", help="The moment (2026-11-20T22:15, UTC). Default: the latest.")
]
EveryOption = Annotated[int, typer.Option("--every", metavar="N", min=1, help="Take each N-th round of the span.")]
QuantileOption = Annotated[
    float | None,
    typer.Option("--quantile", metavar="Q", min=0, max=1, help="Of a span: this quantile of each pair, not the mean."),
]
UnitOption = Annotated[
    Unit, typer.Option("--unit", help="Divergence in bits, or the distance: its square root, of bits or of nats.")
]
ThresholdOption = Annotated[
    float, typer.Option("--threshold", metavar="X", min=0, help="Link servers at most so far apart, in the unit.")
]
_THE_BEGINNING = "1970-01-01"
_LITTLE_BITS = 0.3


@app.command()
def matrix(
    watch: WatchOption = "latest",
    at: AtOption = None,
    from_: FromOption = None,
    to: ToOption = None,
    every: EveryOption = 1,
    quantile: QuantileOption = None,
    unit: UnitOption = Unit.BITS,
    threshold: ThresholdOption = 0.5,
    csv: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Write the whole matrix here.")] = None,
    image: Annotated[
        Path | None, typer.Option("--image", metavar="FILE", help="Draw the matrix (.png or .svg), groups together.")
    ] = None,
    data: DataOption = DEFAULT_DATA,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare all pairs of servers at a moment, or over a span: the mean of each pair, or a quantile."""
    check_picture(image)
    check_place("--csv", csv)
    seen = _look(data, store, Asked(watch=watch, at=at, start=from_, end=to, every=every, quantile=quantile))
    compared = _compare(seen, unit, threshold, quantile)
    if csv is not None:
        with writing("--csv", csv):
            write_csv(compared, csv)
        say(f"Written: {csv}")
    if image is not None:
        _draw(compared, image)
    watch_id, equal = seen.watch.watch_id, equal_pairs(seen.histograms.content[seen.rounds])
    if as_json:
        emit_json({**matrix_as_json(compared, watch_id), "pairs_of_equal_histograms": equal})
        return
    emit_table(compared.title, ("figure", unit.words), list(matrix_rows(compared, watch_id, equal)))
    _warn()


@app.command()
def clusters(
    watch: WatchOption = "latest",
    at: AtOption = None,
    from_: FromOption = None,
    to: ToOption = None,
    every: EveryOption = 1,
    quantile: QuantileOption = None,
    unit: UnitOption = Unit.BITS,
    threshold: ThresholdOption = 0.5,
    data: DataOption = DEFAULT_DATA,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the clusters of the threshold graph, with the programs and relay policies of their servers."""
    asked = Asked(watch=watch, at=at, start=from_, end=to, every=every, quantile=quantile)
    seen = _look(data, store, asked, before_us=DAY_US)
    compared = _compare(seen, unit, threshold, quantile)
    programs, policies, machines = _factors(data, seen)
    if as_json:
        emit_json(grouped_as_json(compared, seen.watch.watch_id, programs, policies, machines))
        return
    columns = ("cluster", "servers", "machines", "programs, by the shape of histograms", "policies", "members")
    emit_table(compared.title, columns, list(cluster_rows(compared, programs, policies, machines)), spare=("members",))
    _say_caption(seen, compared)
    _warn()


@app.command()
def stability(
    watch: WatchOption = "latest",
    from_: FromOption = None,
    to: ToOption = None,
    every: EveryOption = 1,
    unit: UnitOption = Unit.BITS,
    threshold: ThresholdOption = 0.5,
    data: DataOption = DEFAULT_DATA,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say whether the clusters last: agreement of moments, and how often two servers are in one cluster."""
    from electrum_observatory.analysis.histograms.comparing import groups_over
    from electrum_observatory.analysis.histograms.stability import stability_of

    start = from_ if from_ or to else _THE_BEGINNING
    seen = _look(data, store, Asked(watch=watch, start=start, end=to, every=every))
    with at_work("Comparing all pairs at every moment …"):
        groups = list(groups_over(seen.histograms, seen.rounds, unit, threshold))
        found = stability_of(groups)
    if as_json:
        emit_json(stability_as_json(seen, found, groups, unit, threshold))
        return
    linked = f"{unit.words} at most {threshold:g}"
    emit_table(f"{len(seen.rounds)} moments, {linked}", ("figure", ""), list(stability_rows(found, groups)))
    say(f"{seen.caption(seen.rounds)}; {linked}.")
    _warn()


@app.command()
def explained(
    watch: WatchOption = "latest",
    at: AtOption = None,
    from_: FromOption = None,
    to: ToOption = None,
    every: EveryOption = 1,
    quantile: QuantileOption = None,
    unit: UnitOption = Unit.BITS,
    threshold: ThresholdOption = 0.5,
    builds: Annotated[
        bool,
        typer.Option("--builds", help="Take programs from the last campaign's conversations, not from histograms."),
    ] = False,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Of the deals by which chance is measured.")] = 0,
    data: DataOption = DEFAULT_DATA,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say how much of the clusters program, relay policy and machine explain, without any shared node."""
    from electrum_observatory.analysis.histograms.explained import explain_clusters

    asked = Asked(watch=watch, at=at, start=from_, end=to, every=every, quantile=quantile)
    seen = _look(data, store, asked, before_us=DAY_US)
    compared = _compare(seen, unit, threshold, quantile)
    programs, policies, machines = _factors(data, seen)
    if builds:
        programs = builds_of(data, seen)
    found = explain_clusters(compared.groups, programs, policies, machines, seed=seed)
    if as_json:
        source = "conversations" if builds else "histograms"
        told = matrix_as_json(compared, seen.watch.watch_id, whole=False)
        emit_json({**told, "seed": seed, "programs_from": source, "explained": found})
        return
    columns = ("factor", "bits", "by chance", "of the clusters", "beyond chance", "adjusted", "p", "values", "counted")
    spare = ("values", "by chance", "adjusted")
    emit_table(compared.title, columns, list(explained_rows(found)), spare=spare)
    _say_caption(seen, compared)
    pairs = found.pairs
    say(
        f"Of {pairs.linked} linked pairs {pairs.same_machine} are one machine; of the others "
        f"{pairs.same_program_and_policy} have program and policy in common, {pairs.same_program} the program alone, "
        f"{pairs.same_policy} the policy alone, {pairs.neither} neither."
    )
    if found.sufficient and found.entropy_bits < _LITTLE_BITS:
        say("Nearly all servers are in one cluster, so there is little to explain.")
    if not found.sufficient:
        say(f"Insufficient: {found.machines} machines are too few to tell any of this from chance.")


@app.command()
def algorithms(
    watch: WatchOption = "latest",
    from_: FromOption = None,
    to: ToOption = None,
    data: DataOption = DEFAULT_DATA,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say which programs' histograms each server's could be, by shape and level, whatever its banner says."""
    from electrum_observatory.analysis.histograms.algorithms import algorithms_of
    from electrum_observatory.analysis.histograms.measures import with_measures
    from electrum_observatory.analysis.histograms.published import histogram_rounds

    is_span = from_ is not None or to is not None
    seen = _look(data, store, Asked(watch=watch, start=from_, end=to), before_us=0 if is_span else DAY_US)
    found = with_measures(seen.histograms, algorithms_of(seen.histograms))
    rows = [(name, one.name, one.histograms) for name, one in zip(seen.names, found, strict=True)]
    if as_json:
        servers = [{"server": name, "algorithms": words, "histograms": number} for name, words, number in rows]
        emit_json({"watch_id": seen.watch.watch_id, "vantage": seen.watch.vantage, "servers": servers})
        return
    columns = ("server", "its histograms could be those of", "histograms")
    emit_table(f"{len(rows)} servers, vantage {seen.watch.vantage}", columns, rows)
    say(f"{seen.caption(histogram_rounds(seen.table))}.")


def _look(data: Path, store: str | None, asked: Asked, *, before_us: int = 0) -> Look:
    from electrum_observatory.cli.watch_stores import open_watch_source

    with at_work("Reading the watch …"), open_watch_source(data, store) as source:
        return look(source, asked, before_us=before_us)


def _compare(seen: Look, unit: Unit, threshold: float, quantile: float | None) -> "Comparison":
    from electrum_observatory.analysis.histograms.comparing import compare

    with at_work("Comparing all pairs …"):
        return compare(
            seen.table,
            seen.histograms,
            seen.rounds,
            names=seen.names,
            vantage=seen.watch.vantage,
            unit=unit,
            threshold=threshold,
            quantile=quantile,
        )


def _factors(data: Path, seen: Look) -> tuple[Any, Any, Any]:
    from electrum_observatory.analysis.histograms.algorithms import algorithms_of, classes_of
    from electrum_observatory.analysis.histograms.explained import policies_of
    from electrum_observatory.analysis.histograms.measures import with_measures
    from electrum_observatory.datasets.watch.fees_and_tips import fee_floors_of

    programs = classes_of(with_measures(seen.histograms, algorithms_of(seen.histograms)))
    return programs, policies_of(fee_floors_of(seen.table).relay), machines_of(data, seen)


def _draw(compared: "Comparison", image: Path) -> None:
    from electrum_observatory.analysis.histograms.ordering import order_of
    from electrum_observatory.report.matrices import MatrixPicture, draw_matrix

    if not compared.known:
        raise InputError("no server had a histogram then: there is nothing to draw")
    picture = MatrixPicture(
        matrix=compared.matrix,
        names=compared.names,
        order=order_of(compared.matrix, compared.groups),
        groups=compared.groups,
        unit=compared.unit.words,
        most=compared.unit.most,
        threshold=compared.threshold,
        title=compared.title,
        caption=compared.caption,
    )
    with writing("--image", image):
        draw_matrix(picture, image)
    say(f"Drawn: {image}")


def _say_caption(seen: Look, compared: "Comparison") -> None:
    caption = f"Watch {seen.watch.watch_id}: {compared.unit.words}, {compared.statistic}, {compared.caption}"
    for line in caption.splitlines():
        say(line)


def _warn() -> None:
    say("Near histograms mean equal software and like fees as often as one node: docs/histograms.md.")
