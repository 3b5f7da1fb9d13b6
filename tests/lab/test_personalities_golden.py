"""Personalities without a recording answer as the reference describes them: golden lines that quote its rows."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from electrum_observatory.lab.personalities.registry import PERSONALITIES
from electrum_observatory.model.endpoint import Transport
from tests.lab.personality_worlds import exchange, header, start

GOLDEN = Path(__file__).parents[1] / "golden" / "personalities"
RECORDED = {"electrumx_1_16", "electrumx_1_18", "electrumx_1_20", "fulcrum_2"}


def cases() -> list[Any]:
    documents = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(GOLDEN.glob("*.yaml"))}
    return [
        pytest.param(name, document["terminator"], case, id=f"{name}-{number}")
        for name, document in documents.items()
        for number, case in enumerate(document["conversations"])
    ]


def spelled_out(line: str) -> str:
    """Replace the golden files' short names for long texts."""
    for height in range(3):
        line = line.replace(f"HEADER{height}", header(height).hex())
    return line.replace("NEST130", "[" * 130 + "]" * 130)


@pytest.mark.parametrize(("personality_id", "terminator", "case"), cases())
def test_the_answer_is_the_golden_one(personality_id: str, terminator: str, case: dict[str, Any]):
    process = start(personality_id, version=case.get("version"))

    received, closed = exchange(process.connect(Transport.TCP), *(spelled_out(line) for line in case["send"]))

    expected = "".join(spelled_out(line) + terminator for line in case["receive"])
    assert received.decode() == expected
    assert closed == case.get("closes", False)


def test_every_personality_has_a_recording_or_golden_lines():
    golden = {path.stem for path in GOLDEN.glob("*.yaml")}

    assert golden | RECORDED == set(PERSONALITIES)
    assert all(case.values[2]["row"].startswith(("§", "P")) for case in cases())
