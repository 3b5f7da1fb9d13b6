"""How a server treats the ways of asking, in words: who was answered otherwise, not why."""

from collections.abc import Iterator, Mapping
from itertools import groupby
from types import MappingProxyType

from electrum_observatory.analysis.differential import Arm
from electrum_observatory.analysis.treatment import USUAL_KIND
from electrum_observatory.analysis.treatment_stored import FEWEST_OTHERS, EndpointTreatment
from electrum_observatory.analysis.treatment_tables import QuestionTable, Standing
from electrum_observatory.report.words import many

ARMS: Mapping[Arm, str] = MappingProxyType(
    {
        Arm.BARE_CLIENT: "a bare client",
        Arm.ADDRESS_KIND: "questions about a script of another kind",
        Arm.AFTER_BURST: "a wallet that has just asked for twenty scripts",
    }
)
"""The other way of asking."""

_WALLET = "a current wallet"
_USUAL_KIND = f"questions about a {USUAL_KIND.upper()} script"


def treatment_words(told: EndpointTreatment) -> tuple[str, ...]:
    """Return what is to be said of one endpoint, in sentences."""
    lines = tuple(_differences(told)) or (_nothing_shown(told),)
    if told.others < FEWEST_OTHERS:
        return (*lines, "Too few other servers were asked: fees were held against the lowest of its own.")
    return lines


def question_words(question: str) -> str:
    """Return what a question asks for; its id where it is none that we put."""
    asked, _, what = question.partition(".")
    if asked == "fee":
        return f"fee for {many(int(what), 'block')}" if what.isdecimal() else question
    return f"history of a {what.upper()} script" if asked == "history" else question


def way_words(table: QuestionTable) -> str:
    """Return which two ways of asking a table compares."""
    usual = USUAL_KIND.upper() if table.arm is Arm.ADDRESS_KIND else _WALLET
    other = table.question.rpartition(".")[2].upper() if table.arm is Arm.ADDRESS_KIND else ARMS[table.arm]
    return f"{other}, against {usual}"


def _differences(told: EndpointTreatment) -> Iterator[str]:
    shown = sorted(told.treated.differences, key=lambda one: (one.arm, bool(one.worse)))
    for (arm, worse), tables in groupby(shown, key=lambda one: (one.arm, bool(one.worse))):
        names = ", ".join(f"{question_words(one.question)} ({_of(one)})" for one in tables)
        usual, other = _USUAL_KIND if arm is Arm.ADDRESS_KIND else _WALLET, ARMS[arm]
        good, bad = (usual, other) if worse else (other, usual)
        yield f"In two independent batches, {good} got the usual answers where {bad} got others or none: {names}."


def _of(table: QuestionTable) -> str:
    b, c = table.first.b + table.second.b, table.first.c + table.second.c
    more, fewer = (b, c) if table.worse else (c, b)
    return f"{more} of {many(table.first.pairs + table.second.pairs, 'pair')}, {fewer} the other way"


def _nothing_shown(told: EndpointTreatment) -> str:
    treated = told.treated
    if treated.standing is Standing.INSUFFICIENT:
        return f"Too few answers came to compare: {many(treated.still_needed, 'more pair')} would be needed at least."
    return (
        f"All ways of asking were answered alike, as far as {many(len(treated.tables), 'comparison')} can show: a "
        f"difference in nine of ten answers would have been reported with a probability of {treated.power:.2f}."
    )
