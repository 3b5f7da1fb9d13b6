"""How an endpoint treats the ways of asking, as the page of its machine shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from electrum_observatory.analysis.treatment_stored import EndpointTreatment
from electrum_observatory.analysis.treatment_tables import QuestionTable
from electrum_observatory.datasets.servers import ServerRow
from electrum_observatory.report.treatment_words import question_words, treatment_words, way_words


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """One question put two ways.

    Attributes:
        question: What it asks for.
        ways: Which two ways.
        cells: Pairs, b, c and the adjusted p of the first batch; pairs, b and c of the second.
        repeated: Whether a difference is reported.
    """

    question: str
    ways: str
    cells: tuple[str, ...]
    repeated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatmentView:
    """What the page says of one endpoint.

    Attributes:
        port: ``tcp 50001`` and the like.
        standing: different, alike or insufficient.
        words: Sentences.
        rows: Question by question, what is reported first.
    """

    port: str
    standing: str
    words: tuple[str, ...]
    rows: tuple[TableRow, ...]


def treatment_views(rows: Sequence[ServerRow], treated: Mapping[str, EndpointTreatment]) -> tuple[TreatmentView, ...]:
    """Return how these endpoints treat the ways of asking; those that were not asked so are absent."""
    return tuple(
        TreatmentView(
            port=f"{row.transport} {row.port}",
            standing=told.treated.standing.value,
            words=treatment_words(told),
            rows=tuple(_row(one) for one in sorted(told.treated.tables, key=lambda one: not one.repeated)),
        )
        for row in rows
        if (told := treated.get(row.endpoint_id)) is not None
    )


def _row(table: QuestionTable) -> TableRow:
    first, second = table.first, table.second
    adjusted = "–" if first.holm_p is None else f"{first.holm_p:.2g}"
    counts = (first.pairs, first.b, first.c), (second.pairs, second.b, second.c)
    return TableRow(
        question=question_words(table.question),
        ways=way_words(table),
        cells=(*map(str, counts[0]), adjusted, *map(str, counts[1])),
        repeated=table.repeated,
    )
