"""Real ElectrumX, several versions, each configured in its own recognisable way."""

import hashlib
import json
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.servers.certificates import SelfSigned, self_signed
from tests.servers.litecoin_node import LitecoinNode
from tests.servers.processes import Program

TOOLS = Path(__file__).parents[2] / ".tools"
WITHOUT_WAITING = Path(__file__).with_name("without_waiting.py")
REFRESHING = Path(__file__).with_name("refreshing.py")
VERSIONS = ("1.15.0", "1.16.0", "1.17.0", "1.18.0", "1.19.0", "1.20.0", "2.0.0")
PADS_FROM = "1.18.0"
REPORTS_SERVICES = "1.18.0"
ASKS_FOR_NOTHING = "1.20.0"
REPORTED_HOST = "electrum.example.org"
TCP_PORT, SSL_PORT, WS_PORT, RPC_PORT = 50001, 50002, 50003, 8000


@dataclass(frozen=True, slots=True, kw_only=True)
class ElectrumX:
    """One running server and what it was told.

    Attributes:
        version: Of the program.
        address: That it alone listens on, on the usual ports: each server is a machine.
        certificate: What it shows on its TLS port.
        banner: Contents of its banner file.
        donation_address: As configured.
        reported: Whether it advertises REPORTED_HOST in its features.
        program: The process.
    """

    version: str
    address: str
    certificate: SelfSigned
    banner: str
    donation_address: str
    reported: bool
    program: Program

    @property
    def pads(self) -> bool:
        """Whether it pads what it sends over TCP and TLS."""
        return VERSIONS.index(self.version) >= VERSIONS.index(PADS_FROM)

    @property
    def rpc_address(self) -> str:
        """Where its own RPC listens: on loopback whatever its address, since it charges nobody there."""
        return loopback_of(self.address)

    @property
    def certificate_sha256(self) -> str:
        """Digest of the DER certificate."""
        return hashlib.sha256(self.certificate.der).hexdigest()

    def ask(self, *requests: tuple[str, Sequence[Any]]) -> list[dict[str, Any]]:
        """Put requests over a plain socket, one after the other; return the replies. Raises OSError, ValueError."""
        replies = []
        with socket.create_connection((self.address, TCP_PORT), timeout=10) as connection:
            lines = connection.makefile("rwb")
            for number, (method, params) in enumerate(requests):
                lines.write(json.dumps({"id": number, "method": method, "params": params}).encode() + b"\n")
                lines.flush()
                replies.append(json.loads(lines.readline()))
        return replies

    def is_ready(self) -> bool:
        """Whether it answers: it listens once it has read the blocks and the mempool."""
        try:
            self.ask(("server.version", ["readiness", "1.4"]))
        except (OSError, ValueError):
            return False
        return True


def loopback_of(address: str) -> str:
    """Return the loopback address with the same last three numbers."""
    return f"127.{address.partition('.')[2]}"


def launch(
    version: str,
    *,
    address: str,
    node: LitecoinNode,
    folder: Path,
    costs_limited: bool = False,
    hurried: bool = False,
    refresh_s: float | None = None,
) -> ElectrumX:
    """Start one server without waiting for it.

    Args:
        version: One of ``VERSIONS``.
        address: Where it listens, on the usual ports.
        node: Whose chain it serves.
        folder: Empty; for its database, files and log.
        costs_limited: Whether the program's own limits of cost hold, as they do at strangers'; else there are none.
        hurried: Whether padded packets leave at once (``without_waiting``): for those whom minutes would cost too much.
        refresh_s: Seconds between two looks at the mempool for the fee histogram (``refreshing``); None for its own.
    """
    environment_folder = TOOLS / f"electrumx-{version}"
    assert environment_folder.is_dir(), f"{environment_folder} is missing: run make setup-test"
    certificate = self_signed(f"electrumx-{version}.example.org")
    (folder / "cert.pem").write_bytes(certificate.pem)
    (folder / "key.pem").write_bytes(certificate.key_pem)
    banner = f"Observatory's ElectrumX {version}\nGrüße, and a tab\there"
    (folder / "banner.txt").write_text(banner, encoding="utf-8")
    donation_address = "" if version == ASKS_FOR_NOTHING else f"donate-to-{version}"
    environment = _environment(node, folder, address)
    if not costs_limited:
        environment |= {"COST_SOFT_LIMIT": "0", "COST_HARD_LIMIT": "0"}
    environment["DONATION_ADDRESS"] = donation_address
    if version == REPORTS_SERVICES:
        environment["REPORT_SERVICES"] = f"tcp://{REPORTED_HOST}:{TCP_PORT},ssl://{REPORTED_HOST}:{SSL_PORT}"
    through = ["-P", str(WITHOUT_WAITING)] if hurried and VERSIONS.index(version) >= VERSIONS.index(PADS_FROM) else []
    if refresh_s is not None:
        through = ["-P", str(REFRESHING), str(refresh_s)]
    binaries = environment_folder / "bin"
    command = [str(binaries / "python"), *through, str(binaries / "electrumx_server")]
    return ElectrumX(
        version=version,
        address=address,
        certificate=certificate,
        banner=banner,
        donation_address=donation_address,
        reported=version == REPORTS_SERVICES,
        program=Program(f"electrumx {version}", command, environment=environment, folder=folder),
    )


def _environment(node: LitecoinNode, folder: Path, address: str) -> dict[str, str]:
    # ElectrumX changes into DB_DIRECTORY, so every path is absolute.
    database = folder / "db"
    database.mkdir()
    services = [f"{name}://{address}:{port}" for name, port in (("tcp", TCP_PORT), ("ssl", SSL_PORT), ("ws", WS_PORT))]
    services.append(f"rpc://{loopback_of(address)}:{RPC_PORT}")
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "COIN": "Litecoin",
        "NET": "regtest",
        "DAEMON_URL": node.daemon_url,
        "DB_DIRECTORY": str(database),
        "DB_ENGINE": "leveldb",
        "ALLOW_ROOT": "true",
        "SERVICES": ",".join(services),
        "SSL_CERTFILE": str(folder / "cert.pem"),
        "SSL_KEYFILE": str(folder / "key.pem"),
        "BANNER_FILE": str(folder / "banner.txt"),
        "PEER_DISCOVERY": "off",
        "PEER_ANNOUNCE": "",
        "CACHE_MB": "64",
    }
