"""`observatory lab run` in a process of its own, as a person would have it in another terminal."""

import json
import signal
import subprocess
import sys
from pathlib import Path

OBSERVATORY = (sys.executable, "-c", "from electrum_observatory.cli.main import run; run()")
PATIENCE_S = 60
_SLOW = """\
schema_version: 1
name: slow
time_scale: {time_scale}
chain: {{height: 50}}
mempool: {{initial: 20, transactions_per_s: 0.1}}
groups:
  - id: friends
    machines: 4
    software: [{{personality: fulcrum_2}}]
    providers: [{{provider: hetzner}}]
    names: {{pattern: "electrum.{{word}}.example"}}
    listen: [{{tcp: 50001, ssl: 50002}}]
"""


class Lab:
    """`observatory lab run` in a process of its own."""

    def __init__(self, folder: Path, time_scale: int, *, text: str = _SLOW) -> None:
        world = folder / "world.yaml"
        world.write_text(text.format(time_scale=time_scale), encoding="utf-8")
        self.folder = folder / "lab"
        self.process = subprocess.Popen(
            [*OBSERVATORY, "lab", "run", str(world), "--out", str(self.folder), "--workers", "1"],
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stderr is not None
        self.words = [self.process.stderr.readline() for _ in range(3)]

    @property
    def arguments(self) -> list[str]:
        """What a scan of it takes."""
        return [str(self.folder / "bootstrap.txt"), "--overlay", str(self.folder / "overlay.json")]

    def real_sockets(self, transport: str) -> list[tuple[str, int]]:
        """Loopback addresses and ports behind the world's ports of one transport."""
        overlay = json.loads((self.folder / "overlay.json").read_text(encoding="utf-8"))
        port = {"tcp": 50001, "ssl": 50002}[transport]
        return [(address, real) for _, identity, address, real in overlay["sockets"] if identity == port]

    def end(self) -> int:
        """Ctrl-C it."""
        self.process.send_signal(signal.SIGINT)
        _, _ = self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode
