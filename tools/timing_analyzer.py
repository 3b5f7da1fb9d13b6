#!/usr/bin/env python3
"""How long the servers of stored campaigns take to answer a ping: one line of statistics for each endpoint."""

import statistics
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

import typer
from _door import run

from electrum_observatory.analysis.own_delays import own_delay
from electrum_observatory.cli.console import emit_json, emit_table, say
from electrum_observatory.cli.identified import short_name
from electrum_observatory.cli.options import DEFAULT_DATA, DataOption, JsonOption
from electrum_observatory.model.observation import Observation
from electrum_observatory.report.words import many
from electrum_observatory.store.reader import StoreReader


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Round trips of ``server.ping`` to one endpoint, over all campaigns looked at, in milliseconds.

    The distribution is that of all pings; ``kept_back`` says how many of them the program kept back itself.
    """

    endpoint: str
    campaigns: int
    pings: int
    padded: bool | None
    kept_back: int
    free_median_ms: float | None
    remark: str
    min_ms: float
    median_ms: float
    p90_ms: float
    max_ms: float


def timing_analyzer(
    *,
    campaigns: Annotated[
        list[str] | None,
        typer.Argument(metavar="CAMPAIGN", help="Ids, beginnings of ids, or 'latest'; default: all."),
    ] = None,
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Print how ping times are distributed at each endpoint, the fastest first."""
    with StoreReader.open(data) as reader:
        chosen = [reader.campaign(one) for one in campaigns] if campaigns else reader.campaigns()
        ids = dict.fromkeys(one.campaign.campaign_id for one in chosen)
        vantages = sorted({one.campaign.vantage for one in chosen})
        timings = analyse(
            one
            for campaign_id in ids
            for one in reader.observations(campaign_id, {"latency", "server_version"}, with_witnesses=True)
        )
    if as_json:
        emit_json({"campaigns": list(ids), "vantages": vantages, "timings": timings})
        return
    columns = ("endpoint", "campaigns", "pings", "min ms", "median ms", "p90 ms", "max ms", "remark")
    emit_table("", columns, [_line(timing) for timing in timings], spare=("campaigns", "pings", "p90 ms"))
    say(
        f"{many(len(timings), 'endpoint')}, {many(len(ids), 'campaign')}, seen from {', '.join(vantages) or 'nowhere'}."
    )
    if any(timing.kept_back for timing in timings):
        say("ElectrumX 1.18 and later keeps replies back for up to a second: software, not distance.")


def analyse(observations: Iterable[Observation]) -> list[Timing]:
    """Put the pings of each endpoint together, the smallest median first."""
    pings: dict[str, list[float]] = defaultdict(list)
    lines: dict[str, list[bytes]] = defaultdict(list)
    campaigns: dict[str, set[str]] = defaultdict(set)
    for observation in observations:
        name = observation.endpoint.canonical
        lines[name] += [witness.data for witness in observation.witnesses]
        if observation.probe == "latency" and observation.attempt.result is not None:
            pings[name] += observation.attempt.result["pings_ms"]
            campaigns[name].add(observation.campaign_id)
    found = [_timing(name, times, lines[name], len(campaigns[name])) for name, times in pings.items() if times]
    return sorted(found, key=lambda timing: (timing.median_ms, timing.endpoint))


def _timing(endpoint: str, times: list[float], lines: list[bytes], campaigns: int) -> Timing:
    deciles = statistics.quantiles(times, n=10, method="inclusive") if len(times) > 1 else times * 9
    delay = own_delay(times, lines)
    return Timing(
        endpoint=endpoint,
        campaigns=campaigns,
        pings=len(times),
        padded=delay.padded,
        kept_back=delay.kept_back,
        free_median_ms=statistics.median(delay.free_ms) if delay.free_ms else None,
        remark=delay.words,
        min_ms=min(times),
        median_ms=statistics.median(times),
        p90_ms=deciles[-1],
        max_ms=max(times),
    )


def _line(timing: Timing) -> tuple[object, ...]:
    times = (timing.min_ms, timing.median_ms, timing.p90_ms, timing.max_ms)
    numbers = (timing.campaigns, timing.pings, *(f"{time:.1f}" for time in times))
    return (short_name(timing.endpoint), *numbers, timing.remark or None)


if __name__ == "__main__":
    run(timing_analyzer)
