"""Showing how servers treat the ways of asking: a table for people, every count and p-value for programs."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from electrum_observatory.cli.console import STDOUT, emit_table
from electrum_observatory.cli.identified import short_name

if TYPE_CHECKING:
    from electrum_observatory.analysis.treatment_stored import EndpointTreatment
    from electrum_observatory.analysis.treatment_tables import Batch, QuestionTable

_COLUMNS = ("server", "treatment", "how ways of asking were answered")


def emit_treatment(told: Mapping[str, "EndpointTreatment"]) -> None:
    """Print what is to be said of each server: differences first, and on a terminal the same words once."""
    from electrum_observatory.analysis.treatment_tables import Standing
    from electrum_observatory.report.treatment_words import treatment_words

    rows: list[tuple[str, str, str]] = []
    said = ""
    for standing in (Standing.DIFFERENT, Standing.ALIKE, Standing.INSUFFICIENT):
        for server, one in told.items():
            if one.treated.standing is standing:
                words = " ".join(treatment_words(one))
                again = STDOUT.is_terminal and words == said
                rows.append((short_name(server), standing.value, "as above" if again else words))
                said = words
    emit_table("How ways of asking were treated", _COLUMNS, rows)


def treatment_json(told: "EndpointTreatment") -> dict[str, Any]:
    """Return how one endpoint treats the ways of asking, question by question."""
    from electrum_observatory.analysis.treatment_tables import HIGH_DOSE
    from electrum_observatory.report.treatment_words import treatment_words

    treated = told.treated
    return {
        "standing": treated.standing.value,
        "words": list(treatment_words(told)),
        "others": told.others,
        "power": {"dose": HIGH_DOSE, "probability": treated.power},
        "still_needed": treated.still_needed,
        "questions": [_question_json(one) for one in treated.tables],
    }


def _question_json(table: "QuestionTable") -> dict[str, Any]:
    return {
        "question": table.question,
        "arm": table.arm.value,
        "repeated": table.repeated,
        "worse": table.worse,
        "still_needed": table.still_needed,
        "first": _batch_json(table.first),
        "second": _batch_json(table.second),
    }


def _batch_json(batch: "Batch") -> dict[str, Any]:
    return {"pairs": batch.pairs, "b": batch.b, "c": batch.c, "p": batch.p, "holm_p": batch.holm_p}
