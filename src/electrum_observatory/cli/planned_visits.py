"""What a dry run says of the further visits: what each asks, and how long all take at least."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from electrum_observatory.report.words import many
from electrum_observatory.scanner.plan import ScanPlan
from electrum_observatory.scanner.probes.treatment import PROBE_ID as TREATMENT

AGGRESSIVE: Mapping[str, str] = MappingProxyType(
    {
        "xpub_sweep_hundred": "asks for the histories of 100 scripts in a row, up to ten at the same time",
        "rate_limit": "asks for one history up to 120 times, until the server refuses, closes or answers much later",
        "burst_of_twenty": "sends 20 pings at the same time",
        "not_json": "sends a line that is no JSON, on which some programs close the connection",
    }
)
"""What the questions do that only servers are asked whose operators agreed: each has a visit of its own."""


def further_visits(plan: ScanPlan) -> Iterator[str]:
    """Yield the lines; none where no further visits are planned."""
    if not plan.further_visits:
        return
    visits, endpoints = many(len(plan.further_visits), "further visit"), many(plan.examined_per_machine, "endpoint")
    yield f"Then {visits} to {endpoints} of each machine that answers, each after {in_minutes(plan.rest_s)} of rest:"
    arms = [visit for visit in plan.further_visits if TREATMENT in visit.probes]
    for visit in (one for one in plan.further_visits if TREATMENT not in one.probes):
        cost = f"at most {many(visit.requests, 'request')} over {many(visit.connections, 'connection')}"
        errors = many(visit.errors, "expected error")
        yield f"  visit {visit.number}: {cost}, {errors}: {', '.join(visit.probes)}"
        yield from (f"    aggressive: {AGGRESSIVE[probe]}" for probe in visit.probes if probe in AGGRESSIVE)
    if arms:
        most = max(visit.requests for visit in arms)
        requests = f"each at most {many(most, 'request')} over at most 2 connections"
        numbers = f"visits {arms[0].number} to {arms[-1].number}"
        yield f"  {numbers}: {requests}: {TREATMENT}, in an order drawn for each server"
        yield "    (in part in the form and under the name of a wallet: see docs/treatment.md)"
    for probe, reason in plan.left_out.items():
        yield f"  left out: {probe}: {reason}"
    for one in plan.visits_left:
        yield f"  {one.endpoint} is asked on: {many(len(one.visits), 'visit')} left, from visit {one.visits[0]}"
    least = in_minutes(plan.further_s * plan.examined_per_machine)
    yield f"So the campaign takes at least {least}, for one machine as for many: they rest side by side."
    yield "Ctrl-C ends it at any time and keeps what was learned; observatory scan --resume latest makes the rest."


def in_minutes(seconds: float) -> str:
    """Return a duration for a person."""
    if seconds < 60:
        return f"{seconds:g} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min"
