"""A watch whose process is killed while it records, and between any two steps of sealing and compacting."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_no_kill_loses_a_fact_doubles_it_or_invents_a_gap(tmp_path: Path) -> None:
    alone = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}  # numpy's threads would not survive a fork
    command = [sys.executable, "-m", "tests.durability.watch_kills", str(tmp_path)]

    ended = subprocess.run(command, cwd=ROOT, env=alone, capture_output=True, text=True, timeout=120, check=False)

    assert ended.returncode == 0, ended.stderr
    of_sealing, of_compacting, of_recording = map(int, ended.stdout.split())
    assert of_sealing == 6
    assert of_compacting == 2
    assert of_recording == 3
