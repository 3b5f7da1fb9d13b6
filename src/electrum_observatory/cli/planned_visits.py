"""What a dry run says of the further visits: what each asks, and how long all take at least."""

from collections.abc import Iterator

from electrum_observatory.report.words import many
from electrum_observatory.scanner.plan import ScanPlan


def further_visits(plan: ScanPlan) -> Iterator[str]:
    """Yield the lines; none where no further visits are planned."""
    if not plan.further_visits:
        return
    visits, endpoints = many(len(plan.further_visits), "further visit"), many(plan.examined_per_machine, "endpoint")
    yield f"Then {visits} to {endpoints} of each machine that answers, each after {in_minutes(plan.rest_s)} of rest:"
    for visit in plan.further_visits:
        cost = f"at most {many(visit.requests, 'request')} over {many(visit.connections, 'connection')}"
        errors = many(visit.errors, "expected error")
        yield f"  visit {visit.number}: {cost}, {errors}: {', '.join(visit.probes)}"
    for probe, reason in plan.left_out.items():
        yield f"  left out: {probe}: {reason}"
    yield f"So the campaign takes at least {in_minutes(plan.further_s * plan.examined_per_machine)}."


def in_minutes(seconds: float) -> str:
    """Return a duration for a person."""
    if seconds < 60:
        return f"{seconds:g} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min"
