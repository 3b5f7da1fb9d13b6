"""What a watch costs whom, said beforehand: ``observatory monitor --dry-run``."""

from dataclasses import dataclass

from electrum_observatory.cli.console import emit_json, say
from electrum_observatory.cli.durations import duration_words
from electrum_observatory.cli.monitor_wiring import WatchPlan
from electrum_observatory.cli.rediscovery import Kind
from electrum_observatory.model.watch import Question
from electrum_observatory.net.loop import run
from electrum_observatory.protocol.messages import encode_request
from electrum_observatory.protocol.watch_questions import requests_of
from electrum_observatory.report.words import many

DAY_S = 86_400
_OLD, _NEW = "1.4", "1.6"
_PENDING = 60
_UNITS = 0.25 + _PENDING / 50 + _PENDING * 110 / 5_000
"""What ElectrumX reckons for a script with so many pending transactions: ``unconfirmed_history`` in its
``server/session.py``, and the bytes of the reply, 110 for each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyCost:
    """What one server is asked in a day over the connection that is held with it.

    Attributes:
        rounds: By question, how often it is asked.
        requests: Requests of all of them, at most over protocol versions.
        request_bytes: Their bytes.
        signs_of_life: Pings that keep the connection alive between rounds, at most.
    """

    rounds: dict[str, float]
    requests: float
    request_bytes: float
    signs_of_life: float


def daily_cost(plan: WatchPlan) -> DailyCost:
    """Return what the cadences come to in a day of the world that is watched."""
    watching = plan.settings.monitor.watching
    rounds = {question.value: DAY_S / every_s for question, every_s in watching.every_s.items()}
    spelled = {question: _spelled(question, watching.scripts) for question in watching.questions}
    return DailyCost(
        rounds=rounds,
        requests=sum(rounds[question] * len(lines) for question, lines in spelled.items()),
        request_bytes=sum(rounds[question] * sum(map(len, lines)) for question, lines in spelled.items()),
        signs_of_life=DAY_S / watching.manners.keepalive_s,
    )


def show_watch_plan(plan: WatchPlan, *, as_json: bool) -> None:
    """Say whom the first campaign would ask, and what a watch asks of each who answers; nobody is dialled."""
    cost = daily_cost(plan)
    if as_json:
        emit_json({"watch": _as_json(plan, cost), "campaign": run(_campaign(plan))})
        return
    from electrum_observatory.cli.running import show_plan
    from electrum_observatory.scanner.discovery import typed_targets

    for line in words_of(plan, cost):
        say(line)
    if any(source.id == typed_targets.ID for source in plan.scan.sources):
        say(f"Whom you named is watched at once; the first campaign comes {duration_words(plan.rest_s)} later:")
    else:
        say("The first campaign, whose finds are watched once they have rested:")
    show_plan(plan.scan, as_json=False)


def words_of(plan: WatchPlan, cost: DailyCost) -> list[str]:
    """Return the plan of a watch in lines."""
    cadences = plan.settings.monitor.watching.every_s
    rediscovery = plan.settings.monitor.rediscovery
    how_often = ", ".join(f"{question} every {duration_words(every_s)}" for question, every_s in cadences.items())
    due = {Kind.DISCOVERY: rediscovery.discovery_s, Kind.FULL: rediscovery.full_s}
    beside = [f"{kind} every {duration_words(every_s)}" for kind, every_s in due.items() if every_s]
    daily = f"{cost.requests:,.0f} requests ({cost.request_bytes / 1e3:,.0f} kB)"
    pings = f"at most {cost.signs_of_life:,.0f} pings that keep it open"
    return [
        f"The watch: {how_often}.",
        f"Each server sees one connection that is held and, in a day, {daily} and {pings}.",
        f"Campaigns beside it: {', '.join(beside) or 'none'}; each a visit to each server, over a second connection.",
        *_words_of_scripts(plan),
    ]


def warning_of_scripts(plan: WatchPlan) -> str:
    """Return what a person has to know who names scripts: before they are asked for, and each time."""
    named = many(len(plan.settings.monitor.watching.scripts), "public script")
    return f"Every watched server sees you ask for {named}: never name your own or anybody's private address."


def _words_of_scripts(plan: WatchPlan) -> list[str]:
    """Say who learns which scripts, and what answering costs."""
    scripts = plan.settings.monitor.watching.scripts
    if not scripts:
        return []
    units = f"{len(scripts) * _UNITS:.0f} units of its cost for it where {_PENDING} are pending for each"
    return [
        warning_of_scripts(plan),
        f"By their hashes: {', '.join(scripts)}.",
        f"An ElectrumX session pays some {units}, and is given back 300 in five minutes.",
    ]


def _spelled(question: Question, scripts: tuple[str, ...]) -> list[bytes]:
    """Return the requests of a question, in the spelling that is more of them."""
    ways = [
        [encode_request(one.request_id, one.method, one.params) for one in requests_of(question, version, scripts)]
        for version in (_OLD, _NEW)
    ]
    return max(ways, key=lambda lines: (len(lines), sum(map(len, lines))))


def _as_json(plan: WatchPlan, cost: DailyCost) -> dict[str, object]:
    due = plan.settings.monitor.rediscovery
    cadences = plan.settings.monitor.watching.every_s
    return {
        "every_s": {question.value: every_s for question, every_s in cadences.items()},
        "campaigns_every_s": {"discovery": due.discovery_s, "full": due.full_s},
        "per_server_and_day": {
            "connections_of_campaigns": sum(DAY_S / every_s for every_s in (due.discovery_s, due.full_s) if every_s),
            "rounds": cost.rounds,
            "requests": cost.requests,
            "request_bytes": cost.request_bytes,
            "pings_at_most": cost.signs_of_life,
        },
        "public_scripts": list(plan.settings.monitor.watching.scripts),
    }


async def _campaign(plan: WatchPlan) -> object:
    from electrum_observatory.scanner.plan import plan_scan

    return await plan_scan(
        config=plan.scan.settings.scan.in_time_of(plan.clock.time_scale),
        sources=plan.scan.sources,
        rules=plan.scan.rules,
        now_us=plan.clock.now_us(),
        reference=plan.scan.reference,
    )
