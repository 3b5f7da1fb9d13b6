"""Showing whether answers hold: a table for people, plain JSON with the bytes for programs."""

import base64
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from electrum_observatory.cli.console import STDOUT, brief, emit_table, say
from electrum_observatory.cli.identified import short_name

if TYPE_CHECKING:
    from electrum_observatory.analysis.truth.areas import Standing
    from electrum_observatory.analysis.truth.stored import EndpointTruth, Found, Shown

_COLUMNS = ("server", "level", "what its answers show", "visits", "finding", "may also be")
_SPARE = ("finding", "visits")
_AREAS = ("what was asked about", "endpoints judged", "something did not fit", "too little heard")
_EACH = 8
"""Endpoints of which a screen lists area by area what held; of more it shows what did not fit, and sums up the rest."""


def emit_truth(told: Mapping[str, "EndpointTruth"]) -> None:
    """Print what does not fit, what held and what could not be judged, server by server."""
    many_told = STDOUT.is_terminal and len(told) > _EACH
    rows = [
        row
        for server, truth in told.items()
        for row in (_found_rows(server, truth) if many_told else _rows(server, truth))
    ]
    if rows or not many_told:
        emit_table("What the answers show", _COLUMNS, rows, spare=_SPARE)
    if many_told:
        emit_table("Whether the answers hold", _AREAS, list(_area_rows(told.values())))
    _say_what_wants_visits(told.values())


def truth_json(truth: "EndpointTruth") -> dict[str, Any]:
    """Return how one endpoint's answers stand, with the bytes behind each finding."""
    return {
        "findings": [found_json(one) for one in truth.found],
        "areas": [_standing_json(one) for one in truth.standings],
    }


def found_json(found: "Found") -> dict[str, Any]:
    """Return one finding with its witnesses."""
    one = found.finding
    return {
        "id": one.id,
        "severity": one.severity,
        "subject": one.subject,
        "words": one.words,
        "innocent": one.innocent,
        "visits": len(found.visits),
        "witnesses": [_shown_json(shown) for shown in found.witnesses],
    }


def _say_what_wants_visits(told: Iterable["EndpointTruth"]) -> None:
    from electrum_observatory.report.truth_words import AREAS, visits_needed

    wanting = {one.area for truth in told for one in truth.standings if visits_needed(one)}
    if wanting:
        named = ", ".join(words for area, words in AREAS.items() if area in wanting)
        say(f"More visits are wanted for {named}: observatory truth CAMPAIGN CAMPAIGN… judges campaigns together.")


def _area_rows(told: Iterable["EndpointTruth"]) -> Iterable[tuple[object, ...]]:
    """Count the endpoints area by area, as far as they were asked: a screen has no room for what held of each."""
    from electrum_observatory.report.truth_words import AREAS

    standings = [one for truth in told for one in truth.standings]
    for area, words in AREAS.items():
        asked = [one for one in standings if one.area == area]
        if not asked:
            continue
        unjudged = sum(one.insufficient for one in asked)
        yield words, len(asked) - unjudged, sum(not one.held and not one.insufficient for one in asked), unjudged


def _found_rows(server: str, truth: "EndpointTruth") -> Iterable[tuple[object, ...]]:
    from electrum_observatory.report.truth_view import findings_of

    for one in findings_of(truth):
        more = f" (and {one.more + len(one.words) - 1} more of this sort)" if len(one.words) > 1 else ""
        yield short_name(server), one.severity.value, brief(one.words[0]) + more, one.visits, one.finding, one.innocent


def _rows(server: str, truth: "EndpointTruth") -> Iterable[tuple[object, ...]]:
    from electrum_observatory.report.truth_words import AREAS, HELD, INSUFFICIENT, visits_needed
    from electrum_observatory.report.words import many

    yield from _found_rows(server, truth)
    server = short_name(server)
    held = [f"{AREAS[one.area]} ({many(one.answers, 'answer')})" for one in truth.standings if one.held]
    if held:
        yield server, HELD, "; ".join(held), None, None, None
    unjudged = [one for one in truth.standings if one.insufficient]
    if unjudged or not truth.standings:
        of_each = ((AREAS[one.area], visits_needed(one)) for one in unjudged)
        said = "; ".join(f"{area} ({wanting})" if wanting else area for area, wanting in of_each)
        words = said or "nothing that could be judged was heard"
        yield server, INSUFFICIENT, words, None, None, None


def _standing_json(standing: "Standing") -> dict[str, Any]:
    from electrum_observatory.report.truth_words import standing_words

    return {
        "area": standing.area,
        "standing": standing_words(standing),
        "answers": standing.answers,
        "visits": standing.visits,
    }


def _shown_json(shown: "Shown") -> dict[str, str]:
    """Return the bytes as text, or in base64 where they are not UTF-8."""
    quote = shown.quote
    told = {"witness_id": shown.witness_id, "server": quote.server, "exchange": quote.exchange}
    try:
        return {**told, "line": quote.line.decode("utf-8")}
    except UnicodeDecodeError:
        return {**told, "line_base64": base64.b64encode(quote.line).decode("ascii")}
