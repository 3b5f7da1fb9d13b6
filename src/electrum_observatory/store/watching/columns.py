"""Readings and tip news as columns, from single ones and back: every store writes and reads columns alone."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Generic, TypeVar

import numpy as np

from electrum_observatory.model.endpoint import Endpoint
from electrum_observatory.model.failure import Failure
from electrum_observatory.model.watch import Answer, Question, Reading, Round, TipNews
from electrum_observatory.model.watch_ports import AVAILABILITIES, NOTHING, NewsColumns, Numbers, ReadingColumns
from electrum_observatory.store.watching.round_columns import RoundColumns

T = TypeVar("T", bound=Hashable)


class Distinct(Generic[T]):
    """Values in the order in which they were first met, each once.

    Attributes:
        values: The values; a number that :meth:`number` returned is a position in them.
    """

    def __init__(self) -> None:
        self.values: list[T] = []
        self._numbers: dict[T, int] = {}

    def number(self, value: T) -> int:
        """Return the position of a value."""
        found = self._numbers.get(value)
        if found is None:
            found = self._numbers[value] = len(self.values)
            self.values.append(value)
        return found


def numbers(values: Iterable[int]) -> Numbers:
    """Return a column of integers."""
    return np.fromiter(values, dtype=np.int64)


def columns_of(made: Round, readings: Sequence[Reading]) -> ReadingColumns:
    """Return the columns of one round."""
    endpoints, texts, failures = Distinct[Endpoint](), Distinct[bytes](), Distinct[Failure]()
    asked = {question for reading in readings for question in reading.answers}
    text_at: dict[Question, Numbers] = {}
    after_us: dict[Question, Numbers] = {}
    for question in (one for one in Question if one in asked):
        answers = [reading.answers.get(question) for reading in readings]
        text_at[question] = numbers(NOTHING if one is None else texts.number(one.data) for one in answers)
        after_us[question] = numbers(NOTHING if one is None else one.after_us for one in answers)
    return ReadingColumns(
        rounds=(made,),
        endpoint_at=numbers(endpoints.number(one.endpoint) for one in readings),
        endpoints=endpoints.values,
        failure_at=numbers(NOTHING if one.failure is None else failures.number(one.failure) for one in readings),
        failures=failures.values,
        texts=texts.values,
        round_at=np.zeros(len(readings), dtype=np.int64),
        availability=numbers(AVAILABILITIES.index(one.availability) for one in readings),
        sent_us=numbers(NOTHING if one.sent_us is None else one.sent_us for one in readings),
        lag_us=numbers(one.lag_us for one in readings),
        text_at=text_at,
        after_us=after_us,
    )


def readings_of(columns: ReadingColumns) -> Iterator[tuple[Round, Reading]]:
    """Yield every reading of the columns with its round."""
    rounds = list(columns.rounds)
    for row, (round_at, endpoint_at, availability, failure_at, sent_us, lag_us) in enumerate(
        zip(
            columns.round_at.tolist(),
            columns.endpoint_at.tolist(),
            columns.availability.tolist(),
            columns.failure_at.tolist(),
            columns.sent_us.tolist(),
            columns.lag_us.tolist(),
            strict=True,
        )
    ):
        yield (
            rounds[round_at],
            Reading(
                endpoint=columns.endpoints[endpoint_at],
                availability=AVAILABILITIES[availability],
                failure=None if failure_at == NOTHING else columns.failures[failure_at],
                sent_us=None if sent_us == NOTHING else sent_us,
                lag_us=lag_us,
                answers=_answers(columns, row),
            ),
        )


def _answers(columns: ReadingColumns, row: int) -> dict[Question, Answer]:
    return {
        question: Answer(data=columns.texts[text_at[row]], after_us=int(columns.after_us[question][row]))
        for question, text_at in columns.text_at.items()
        if text_at[row] != NOTHING
    }


def news_columns_of(news: Sequence[TipNews]) -> NewsColumns:
    """Return tip news as columns."""
    endpoints, headers, boots = Distinct[Endpoint](), Distinct[bytes](), Distinct[str]()
    return NewsColumns(
        endpoint_at=numbers(endpoints.number(one.endpoint) for one in news),
        endpoints=endpoints.values,
        header_at=numbers(headers.number(one.header) for one in news),
        headers=headers.values,
        boot_at=numbers(boots.number(one.boot_id) for one in news),
        boot_ids=boots.values,
        height=numbers(one.height for one in news),
        received_at_us=numbers(one.received_at_us for one in news),
        received_monotonic_ns=numbers(one.received_monotonic_ns for one in news),
        lag_us=numbers(one.lag_us for one in news),
        first=numbers(int(one.first) for one in news),
    )


def news_of(columns: NewsColumns) -> Iterator[TipNews]:
    """Yield tip news, one by one."""
    for endpoint_at, header_at, boot_at, height, at_us, monotonic_ns, lag_us, first in zip(
        columns.endpoint_at.tolist(),
        columns.header_at.tolist(),
        columns.boot_at.tolist(),
        columns.height.tolist(),
        columns.received_at_us.tolist(),
        columns.received_monotonic_ns.tolist(),
        columns.lag_us.tolist(),
        columns.first.tolist(),
        strict=True,
    ):
        yield TipNews(
            endpoint=columns.endpoints[endpoint_at],
            received_at_us=at_us,
            received_monotonic_ns=monotonic_ns,
            boot_id=columns.boot_ids[boot_at],
            lag_us=lag_us,
            height=height,
            header=columns.headers[header_at],
            first=bool(first),
        )


def joined(parts: Sequence[ReadingColumns]) -> ReadingColumns:
    """Return the readings of several parts, none of which have a round in common, in the order of their rounds."""
    parts = [part for part in parts if len(part.rounds)] or parts[:1]
    if len(parts) == 1:
        return parts[0]
    endpoints, texts, failures = Distinct[Endpoint](), Distinct[bytes](), Distinct[Failure]()
    rounds = RoundColumns.joined([RoundColumns.of(part.rounds) for part in parts])
    order = np.argsort(rounds.number, kind="stable")
    place = np.empty(len(rounds), dtype=np.int64)
    place[order] = np.arange(len(rounds))
    columns: dict[str, list[Numbers]] = {}
    begin = 0
    for part in parts:
        end = begin + len(part.rounds)
        of_part = {
            "round_at": place[begin:end][part.round_at],
            "endpoint_at": _places(endpoints, part.endpoints)[part.endpoint_at],
            "availability": part.availability,
            "failure_at": _places(failures, part.failures)[part.failure_at],
            "sent_us": part.sent_us,
            "lag_us": part.lag_us,
        }
        text_places, nothing = _places(texts, part.texts), np.full(len(part.round_at), NOTHING, dtype=np.int64)
        for question in Question:
            text_at, after_us = part.text_at.get(question), part.after_us.get(question)
            of_part[f"text {question}"] = nothing if text_at is None else text_places[text_at]
            of_part[f"after {question}"] = nothing if after_us is None else after_us
        for name, column in of_part.items():
            columns.setdefault(name, []).append(column)
        begin = end
    whole = {name: np.concatenate(pieces) for name, pieces in columns.items()} or _no_rows()
    rows = np.argsort(whole["round_at"], kind="stable")
    whole = {name: column[rows] for name, column in whole.items()}
    return ReadingColumns(
        rounds=rounds.take(order),
        endpoints=endpoints.values,
        texts=texts.values,
        failures=failures.values,
        round_at=whole["round_at"],
        endpoint_at=whole["endpoint_at"],
        availability=whole["availability"],
        failure_at=whole["failure_at"],
        sent_us=whole["sent_us"],
        lag_us=whole["lag_us"],
        text_at=_present(whole, "text"),
        after_us=_present(whole, "after"),
    )


def without_rounds(columns: ReadingColumns, gone: Numbers) -> ReadingColumns:
    """Return the columns without the rounds of some numbers."""
    if not len(gone):
        return columns
    rounds = RoundColumns.of(columns.rounds)
    keep = ~np.isin(rounds.number, gone)
    rows = keep[columns.round_at]
    return replace(
        columns,
        rounds=rounds.take(np.flatnonzero(keep)),
        round_at=(np.cumsum(keep) - 1)[columns.round_at][rows],
        endpoint_at=columns.endpoint_at[rows],
        availability=columns.availability[rows],
        failure_at=columns.failure_at[rows],
        sent_us=columns.sent_us[rows],
        lag_us=columns.lag_us[rows],
        text_at={question: text_at[rows] for question, text_at in columns.text_at.items()},
        after_us={question: after_us[rows] for question, after_us in columns.after_us.items()},
    )


def joined_news(parts: Sequence[NewsColumns], order: Numbers) -> NewsColumns:
    """Return the news of several parts; ``order`` sorts their rows, one part behind the other."""
    endpoints, headers, boots = Distinct[Endpoint](), Distinct[bytes](), Distinct[str]()
    columns: dict[str, list[Numbers]] = {name: [numbers(())] for name in NEWS_NUMBERS}
    for part in parts:
        columns["endpoint_at"].append(_places(endpoints, part.endpoints)[part.endpoint_at])
        columns["header_at"].append(_places(headers, part.headers)[part.header_at])
        columns["boot_at"].append(_places(boots, part.boot_ids)[part.boot_at])
        for name in NEWS_NUMBERS[3:]:
            columns[name].append(getattr(part, name))
    whole = {name: np.concatenate(pieces)[order] for name, pieces in columns.items()}
    return NewsColumns(endpoints=endpoints.values, headers=headers.values, boot_ids=boots.values, **whole)


NEWS_NUMBERS = (
    *("endpoint_at", "header_at", "boot_at"),
    *("height", "received_at_us", "received_monotonic_ns", "lag_us", "first"),
)
"""The columns of numbers of ``NewsColumns``; the first three are positions."""


def _places(values: Distinct[T], of_part: Sequence[T]) -> Numbers:
    """Return the position of each value of a part among all; ``NOTHING`` stays ``NOTHING``."""
    return numbers((*map(values.number, of_part), NOTHING))


def _present(whole: dict[str, Numbers], kind: str) -> dict[Question, Numbers]:
    """Return the columns of one kind by question, without those of questions that nobody answered."""
    columns = {question: whole[f"{kind} {question}"] for question in Question}
    return {question: column for question, column in columns.items() if (column != NOTHING).any()}


def _no_rows() -> dict[str, Numbers]:
    names = ("round_at", "endpoint_at", "availability", "failure_at", "sent_us", "lag_us")
    texts = (f"{kind} {question}" for kind in ("text", "after") for question in Question)
    return {name: numbers(()) for name in (*names, *texts)}
