"""Too few file descriptors: fewer conversations at once, or a clear refusal; never servers that look dead."""

import json
import shlex
import subprocess
from pathlib import Path

from tests.unit.cli.lab_process import OBSERVATORY, PATIENCE_S, Lab


def _scan(limit: int, lab: Lab, data: Path) -> subprocess.CompletedProcess[str]:
    command = shlex.join([*OBSERVATORY, "scan", *lab.arguments, "--only", "ssl", "--data", str(data), "--json"])
    return subprocess.run(
        ["bash", "-c", f"ulimit -n {limit}; exec {command}"], capture_output=True, text=True, timeout=PATIENCE_S
    )


def test_with_few_descriptors_fewer_servers_are_asked_at_once_and_all_of_them_answer(
    quick_lab: Lab, tmp_path: Path
) -> None:
    few, none = _scan(50, quick_lab, tmp_path / "few"), _scan(20, quick_lab, tmp_path / "none")

    assert few.returncode == 0, few.stderr
    assert "so 2 conversations at once: raise it with ulimit -n" in few.stderr
    assert json.loads(few.stdout)["counts"]["answered"] == 4
    assert none.returncode == 2
    assert "only 20 file descriptors are allowed here, 49 are needed" in none.stderr
