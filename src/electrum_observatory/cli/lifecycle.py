"""``observatory lifecycle``: when servers were there, who came and left, and what changed about them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from electrum_observatory.cli.console import at_work, emit_json, emit_table, say
from electrum_observatory.cli.durations import duration_words
from electrum_observatory.cli.options import DEFAULT_DATA, DataOption, JsonOption, StoreOption
from electrum_observatory.cli.pictures import check_picture, writing
from electrum_observatory.cli.times import when
from electrum_observatory.cli.watched import FromOption, ToOption, WatchOption

if TYPE_CHECKING:
    from electrum_observatory.analysis.lifecycle.churn import DayOfChurn, Stay
    from electrum_observatory.analysis.lifecycle.events import LifeEvent
    from electrum_observatory.analysis.lifecycle.presence import Presence
    from electrum_observatory.analysis.lifecycle.stability import Stability
    from electrum_observatory.analysis.lifecycle.uptime import Uptime
    from electrum_observatory.model.watch import Watch

_UPTIME = ("server", "up", "95 % interval", "rounds", "outages", "longest", "first seen", "last seen", "ping", "spread")
_SPARE = ("ping", "spread", "first seen", "outages", "longest", "rounds")
_CHURN = ("day", "rounds", "present", "appeared", "returned", "left")
_EVENTS = ("service", "what", "before", "after", "not before (UTC)", "not after (UTC)")


def lifecycle(
    watch: WatchOption = "latest",
    from_: FromOption = None,
    to: ToOption = None,
    image: Annotated[
        Path | None,
        typer.Option("--image", metavar="FILE", help="Draw who answered when, a column per server (.png or .svg)."),
    ] = None,
    data: DataOption = DEFAULT_DATA,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say when the servers of a watch were there, who came and who left, and what changed about them.

    Times in which it was we who saw nothing count for nobody and against nobody. Upgrades, new keys and moves come from
    the campaigns of the data folder.
    """
    from electrum_observatory.analysis.lifecycle.churn import churn, stay
    from electrum_observatory.analysis.lifecycle.presence import presence_of
    from electrum_observatory.analysis.lifecycle.stability import stability
    from electrum_observatory.analysis.lifecycle.uptime import uptimes
    from electrum_observatory.cli.life_looks import builds_said, events_within
    from electrum_observatory.cli.watch_stores import open_watch_source
    from electrum_observatory.cli.watched import chosen_watch, read_table, span_of
    from electrum_observatory.model.watch import Question

    check_picture(image)
    span = span_of(from_, to)
    with at_work("Reading the watch …"), open_watch_source(data, store) as source:
        chosen = chosen_watch(source, watch)
        table = read_table(source, chosen, span, questions=(Question.PING,))
    presence = presence_of(table)
    times = uptimes(presence)
    steady = stability(table, builds_said(data, chosen))
    days, stays = churn(presence), stay(presence)
    changes = events_within(data, chosen, span, table.endpoints)
    if image is not None:
        _draw(presence, image, chosen)
    if as_json:
        emit_json(_as_json(chosen, presence, times, steady, days, stays, changes))
        return
    emit_table(
        f"{len(times)} servers in {len(presence.at_us)} rounds, vantage {chosen.vantage}",
        _UPTIME,
        [_uptime_row(one, steady[place]) for place, one in sorted(enumerate(times), key=_most_absent_first)],
        spare=_SPARE,
    )
    emit_table(
        "Who came and who left",
        _CHURN,
        [(d.day, d.rounds, d.present, d.appeared, d.returned, "too early" if d.too_early else d.left) for d in days],
    )
    if changes:
        emit_table("What changed", _EVENTS, [_event_row(one) for one in changes], spare=_EVENTS[4:])
    _say_the_rest(presence, stays)


def _draw(presence: "Presence", image: Path, watch: "Watch") -> None:
    from electrum_observatory.analysis.lifecycle.similarity import by_similarity
    from electrum_observatory.report.uptime_image import draw_uptime

    order = by_similarity(presence)
    with writing("--image", image):
        draw_uptime(presence, order, image, vantage=watch.vantage)
    say(f"Drawn: {image}")


def _as_json(
    watch: "Watch",
    presence: "Presence",
    times: "tuple[Uptime, ...]",
    steady: "tuple[Stability, ...]",
    days: "tuple[DayOfChurn, ...]",
    stays: "Stay | None",
    changes: "tuple[LifeEvent, ...]",
) -> dict[str, Any]:
    servers = [
        {"server": one.endpoint.canonical, **_plain(one), "ping": _plain(steady[place])}
        for place, one in enumerate(times)
    ]
    rounds = {"seen": len(presence.at_us), "left_out": presence.left_out}
    return {
        "watch_id": watch.watch_id,
        "vantage": watch.vantage,
        "rounds": rounds,
        "servers": servers,
        "churn": days,
        "stay": stays,
        "changes": changes,
    }


def _plain(value: "Uptime | Stability") -> dict[str, Any]:
    names = (name for name in type(value).__slots__ if name != "endpoint")
    return {name: getattr(value, name) for name in names}


def _most_absent_first(placed: "tuple[int, Uptime]") -> tuple[float, str]:
    _, one = placed
    return (2.0 if one.share is None else one.share, one.endpoint.canonical)


def _uptime_row(one: "Uptime", steady: "Stability") -> tuple[object, ...]:
    return (
        one.endpoint.service,
        f"{one.share:.1%}" if one.share is not None else None,
        _interval(one),
        one.rounds,
        one.outages,
        duration_words(one.longest_outage_us / 1e6) if one.outages else None,
        when(one.first_seen_us),
        when(one.last_seen_us),
        None if steady.median_ms is None else f"{steady.median_ms:.0f} ms",
        None if steady.spread is None else f"{steady.spread:.2f}",
    )


def _interval(one: "Uptime") -> str | None:
    if one.low is None or one.high is None:
        return None
    return f"{one.low:.1%} or more" if one.high == 1.0 else f"{one.low:.1%} to {one.high:.1%}"


def _event_row(one: "LifeEvent") -> tuple[object, ...]:
    return one.service, one.kind, one.before, one.after, when(one.after_us), when(one.by_us)


def _say_the_rest(presence: "Presence", stays: "Stay | None") -> None:
    spells = int(presence.blind_between.sum())
    if spells or presence.left_out:
        say(f"We saw nothing {spells} times; {presence.left_out} rounds of those times are left out.")
    if stays is None:
        say("Nobody appeared while we watched, so nothing is said of how long servers stay.")
    elif stays.median_days is not None:
        say(f"Half of the {stays.servers} servers that appeared stayed longer than {stays.median_days:.0f} days.")
    else:
        say(f"Of {stays.servers} servers that appeared {stays.departures} left; over half stay longer than we saw.")
