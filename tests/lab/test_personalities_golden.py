"""Personalities without a recording answer as the reference describes them: golden lines that quote its rows.

Two forms. A *conversation* is held with one personality, named or else the file's own. A *comparison* asks several the
same and lists who answers what, as the reference's tables do.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from electrum_observatory.lab.personalities.registry import PERSONALITIES
from electrum_observatory.model.endpoint import Transport
from tests.lab.personality_worlds import exchange, header, start

GOLDEN = Path(__file__).parents[1] / "golden" / "personalities"
RECORDED = {"electrumx_1_16", "electrumx_1_18", "electrumx_1_20", "fulcrum_2", "fulcrum_2_1_1"}
LEAST_PACKET = 1024


@cache
def documents() -> dict[str, Any]:
    return {
        path.stem: yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
        for path in sorted(GOLDEN.glob("*.yaml"))
    }


def conversations() -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Yield test id, personality, terminator and case."""
    for name, document in documents().items():
        for number, case in enumerate(document.get("conversations", ())):
            yield f"{name}-{number}", case.get("personality", name), document["terminator"], case
        for number, asked in enumerate(document.get("comparisons", ())):
            for answer in asked["answers"]:
                for personality in answer["of"]:
                    yield f"{name}-{number}-{personality}", personality, document["terminator"], asked | answer


def spelled_out(line: str, terminator: str) -> str:
    """Replace the golden files' short names for long texts; PAD fills a line up to 1024 bytes."""
    for height in range(3):
        line = line.replace(f"HEADER{height}", header(height).hex())
    line = line.replace("NEST130", "[" * 130 + "]" * 130)
    padding = LEAST_PACKET - len(line.encode()) - len(terminator) + len("PAD")
    return line.replace("PAD", " " * padding)


@pytest.mark.parametrize(
    ("personality_id", "terminator", "case"), [pytest.param(*rest, id=name) for name, *rest in conversations()]
)
def test_the_answer_is_the_golden_one(personality_id: str, terminator: str, case: dict[str, Any]):
    process = start(personality_id, version=case.get("version"))

    received, closed = exchange(
        process.connect(Transport.TCP), *(spelled_out(line, terminator) for line in case["send"])
    )

    expected = "".join(spelled_out(line, terminator) + terminator for line in case["receive"])
    assert received.decode() == expected
    assert closed == case.get("closes", False)


def test_every_personality_has_a_recording_or_golden_lines():
    golden = {personality for _, personality, _, _ in conversations()}

    assert golden | RECORDED >= set(PERSONALITIES)
    assert golden <= set(PERSONALITIES)


def test_every_golden_line_says_which_row_it_quotes():
    assert all(case["row"].startswith(("§", "P", "T")) for _, _, _, case in conversations())
