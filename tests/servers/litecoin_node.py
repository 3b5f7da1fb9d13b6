"""A real litecoind in regtest, with a chain of its own and a mempool large enough for a fee histogram."""

import base64
import http.client
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from tests.servers.processes import Program, free_port

CREDENTIALS = "lab:lab"
BLOCKS = 120  # coinbases mature after 100; block generation fails at 432 (MWEB activation)
FEE_RATES_SAT_VB = (1, 2, 3, 5, 8, 10, 13, 17, 21, 30, 40, 50)
DATA_BYTES = 30_000

_SETTINGS = """\
regtest=1
[regtest]
server=1
txindex=1
listenonion=0
dnsseed=0
upnp=0
rpcuser=lab
rpcpassword=lab
rpcbind=127.0.0.1
rpcallowip=127.0.0.1
rpcport={port}
fallbackfee=0.0002
datacarriersize=95000
keypool=10
"""
ALONE = ("listen=0", "connect=0")
"""Lines of the configuration by which a node has no peers."""


class NodeError(Exception):
    """The node answered with an error."""


class LitecoinNode:
    """A running node; its RPC is the truth that the probes are held against."""

    def __init__(self, program: Program, port: int) -> None:
        self.program = program
        self.port = port

    @classmethod
    def start(cls, folder: Path, lines: Sequence[str] = ALONE) -> Self:
        """Start it in an empty folder and wait until its RPC answers; ``lines`` end its configuration."""
        port = free_port()
        (folder / "litecoin.conf").write_text(_SETTINGS.format(port=port) + "".join(f"{line}\n" for line in lines))
        # The packaged command is a shell wrapper that writes into the home folder before it execs the daemon.
        environment = {"PATH": os.environ["PATH"], "HOME": str(folder)}
        program = Program("litecoind", ["litecoind", f"-datadir={folder}"], environment=environment, folder=folder)
        node = cls(program, port)
        try:
            program.wait_until(node._answers)
        except BaseException:
            program.end()
            raise
        return node

    @property
    def daemon_url(self) -> str:
        """Where a server finds the node, credentials included."""
        return f"http://{CREDENTIALS}@127.0.0.1:{self.port}/"

    def rpc(self, method: str, *params: Any) -> Any:
        """Ask the node. Raises NodeError with its own words."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            authorization = "Basic " + base64.b64encode(CREDENTIALS.encode()).decode()
            body = json.dumps({"id": 0, "method": method, "params": params})
            connection.request("POST", "/", body, {"Authorization": authorization})
            reply = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        if reply["error"] is not None:
            raise NodeError(f"{method}: {reply['error']}")
        return reply["result"]

    def grow(self) -> None:
        """Mine the chain and fill the mempool: ElectrumX's first histogram bin is about 100 kvB wide."""
        self.rpc("createwallet", "lab")
        self.rpc("generatetoaddress", BLOCKS, self.rpc("getnewaddress"))
        for rate in FEE_RATES_SAT_VB:
            self._send_data(rate)

    def _answers(self) -> bool:
        try:
            self.rpc("getblockcount")
        except (OSError, http.client.HTTPException, NodeError, ValueError):
            return False
        return True

    def _send_data(self, rate_sat_vb: int) -> None:
        outputs: Sequence[dict[str, str]] = [{"data": bytes([rate_sat_vb]).hex() * DATA_BYTES}]
        options = {"feeRate": f"{rate_sat_vb / 100_000:.8f}", "lockUnspents": True}
        funded = self.rpc("fundrawtransaction", self.rpc("createrawtransaction", [], outputs), options)
        signed = self.rpc("signrawtransactionwithwallet", funded["hex"])
        self.rpc("sendrawtransaction", signed["hex"], 0)
