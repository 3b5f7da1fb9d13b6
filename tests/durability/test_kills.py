"""The bench's kills, a few of them: SIGKILL at random moments of starting, asking, sealing and writing files."""

from pathlib import Path

from bench import kill9
from bench.frame import Bench


async def test_nothing_acknowledged_is_lost_to_kills_and_nobody_is_asked_twice(tmp_path: Path) -> None:
    result = await kill9.run(Bench(small=True, seed=20, folder=tmp_path))

    assert [figure for figure in result.figures if not figure.within] == [], result.facts
    assert result.facts["kills_by_phase"]
