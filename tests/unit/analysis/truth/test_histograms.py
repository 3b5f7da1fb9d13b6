"""Histograms over time: who repeats one while the mempool changes."""

import dataclasses

from electrum_observatory.analysis.truth.finding import Quote, Severity, flags
from electrum_observatory.analysis.truth.histograms import HistogramSeen, judge_histograms

BINS = ((30.0, 31_000.0), (20.0, 33_000.0), (11.0, 36_000.0), (6.0, 40_000.0), (2.0, 44_000.0))


def replies(server: str, changes: list[bool], *, every_s: float = 1200.0, bins: tuple = BINS) -> list[HistogramSeen]:
    size, seen = 0.0, []
    for number, change in enumerate(changes):
        size += change
        shown = tuple((rate, vsize + size) for rate, vsize in bins)
        quote = Quote(server=server, exchange=f"fee_histogram#{number}", line=b"{}")
        seen.append(HistogramSeen(server=server, at_s=number * every_s, bins=shown, quote=quote))
    return seen


MOVING = [one for n in range(3) for one in replies(f"o{n}", [True] * 5)]


def test_one_that_never_changes_while_others_do_is_replayed() -> None:
    (one,) = judge_histograms([*MOVING, *replies("subject", [False] * 5)], {})

    assert (one.id, one.subject) == ("histogram_replayed", "subject")
    assert len(one.witnesses) == 5


def test_nobody_is_named_where_the_evidence_is_thin() -> None:
    still = replies("subject", [False] * 5)

    thin = [
        ([*MOVING[:10], *still], {}),  # two others only
        ([*MOVING, *still], {"o0": "m", "o1": "m"}),  # of which two are one machine
        ([*MOVING, *replies("subject", [False] * 5, every_s=60)], {}),
        ([*MOVING, *replies("subject", [False] * 5, bins=BINS[:1])], {}),
        ([*MOVING, *replies("subject", [False] * 5, bins=())], {}),
    ]
    for seen, backends in thin:
        (one,) = judge_histograms(seen, backends)
        assert (one.id, one.subject, one.severity) == ("histograms_not_comparable", "subject", Severity.INSUFFICIENT)
    assert judge_histograms([*MOVING, *replies("subject", [False] * 2)], {}) == ()
    quiet = [one for n in range(3) for one in replies(f"q{n}", [False] * 5)]
    assert flags(judge_histograms([*quiet, *still], {})) == ()


def test_moments_of_two_clocks_make_no_hour() -> None:
    """Three campaigns asked at the same moment, and their clocks are hours apart; later each saw others change."""
    clocks = [("a", 0.0), ("b", 7200.0), ("c", 14_400.0)]
    once = [dataclasses.replace(replies("subject", [False])[0], at_s=ahead, clock=clock) for clock, ahead in clocks]
    others = [dataclasses.replace(one, at_s=one.at_s + ahead, clock=clock) for clock, ahead in clocks for one in MOVING]

    assert flags(judge_histograms([*others, *once], {})) == ()
    by_one = [dataclasses.replace(one, clock="") for one in (*others, *once)]
    assert flags(judge_histograms(by_one, {})) != ()


def test_one_change_in_all_that_time_is_enough() -> None:
    assert judge_histograms([*MOVING, *replies("subject", [False, False, True, False, False])], {}) == ()
