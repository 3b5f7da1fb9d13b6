"""The four tools as a person runs them: their help, and one real use each. Nothing leaves this machine."""

import asyncio
import json
import runpy
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from electrum_observatory.model.endpoint import Transport
from electrum_observatory.net.clock import SystemClock
from electrum_observatory.store.live import LiveStore
from tests.factories import CAMPAIGN_ID, make_campaign, make_endpoint, make_observation, make_seal, make_visit
from tests.unit.net.certificates import make_self_signed

TOOLS = Path(__file__).parents[2] / "tools"
BIP84_ZPUB = (
    "zpub6rFR7y4Q2AijBEqTUquhVz398htDFrtymD9xYYfG1m4wAcvPhXNfE3EfH1r1ADqtfSdVCToUG868RvUUkgDKf31mGDtKsAYz2oz2AGutZYs"
)
HETZNER, GOOGLE = "159.69.244.130", "34.101.170.221"  # data only


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What a tool said."""

    stdout: str
    stderr: str


class Run(Protocol):
    """Runs a tool by its name and arguments, and holds it to the exit code that is expected."""

    def __call__(self, tool: str, *arguments: str, expect: int = 0) -> Ended:
        """Run it."""


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """The scripts as they are, in this process: an interpreter for each would cost more than all of them."""
    monkeypatch.syspath_prepend(TOOLS)

    def call(tool: str, *arguments: str, expect: int = 0) -> Ended:
        script = str(TOOLS / f"{tool}.py")
        monkeypatch.setattr("sys.argv", [script, *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ending:
            runpy.run_path(script, run_name="__main__")
        written = capsys.readouterr()
        assert int(ending.value.code or 0) == expect, written.err
        return Ended(stdout=written.out, stderr=written.err)

    return call


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sealed campaign of two endpoints that answered, with pings."""
    return stored(tmp_path_factory.mktemp("data"))


def stored(folder: Path, overlay: str | None = None) -> Path:
    """Store the campaign in a folder, as of a lab where an overlay is named."""
    near = make_endpoint(host="near.example", address=HETZNER)
    far = make_endpoint(host="far.example", address=GOOGLE, port=50001, transport=Transport.TCP)
    pings = {near: [10.0, 20.0, 30.0], far: [200.0]}
    observations = [one for endpoint in pings for one in make_visit(endpoint)]
    for endpoint, times in pings.items():
        result = {"pings_ms": times, "min_ms": times[0], "median_ms": times[len(times) // 2]}
        observations.append(make_observation("latency", result, endpoint=endpoint))

    async def write(store: LiveStore) -> None:
        await store.open_campaign(make_campaign(overlay=overlay))
        await store.record(observations)
        await store.seal_campaign(make_seal())

    with LiveStore.open(folder, SystemClock()) as store:
        asyncio.run(write(store))
    return folder


@pytest.fixture
def tls_port(tmp_path: Path) -> Iterator[int]:
    """A TLS server on loopback with a certificate of its own, on a thread."""
    certificate = make_self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.chain_file, certificate.key_file)
    loop = asyncio.new_event_loop()

    async def discard(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = loop.run_until_complete(asyncio.start_server(discard, "127.0.0.1", 0, ssl=context))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield server.sockets[0].getsockname()[1]
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    server.close()
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()


@pytest.mark.parametrize("tool", ["address_generator", "certificate_inspector", "export_map", "timing_analyzer"])
def test_help_is_there(run: Run, tool: str) -> None:
    assert "Options" in run(tool, "--help").stdout


def test_a_tool_runs_as_a_script() -> None:
    command = [sys.executable, str(TOOLS / "address_generator.py"), "--lab-seed", "x", "--count", "1"]

    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd="/")

    assert len(done.stdout.splitlines()) == 2


def test_address_generator_gives_the_addresses_of_a_published_key(run: Run) -> None:
    out = json.loads(run("address_generator", "--xpub", BIP84_ZPUB, "--count", "2", "--json").stdout)

    assert (out["network"], out["kind"]) == ("bitcoin", "p2wpkh")
    assert [one["address"] for one in out["addresses"]] == [
        "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu",
        "bc1qnjg0jd8228aq7egyzacy8cys3knf9xvrerkf9g",
    ]


def test_address_generator_takes_a_lab_seed_on_any_network(run: Run) -> None:
    out = run("address_generator", "--lab-seed", "x", "--kind", "p2tr", "--network", "litecoin-regtest", "--count", "3")

    lines = out.stdout.splitlines()
    assert lines[0].split("\t") == ["path", "address", "scripthash"]
    assert len(lines) == 4
    assert all(line.split("\t")[1].startswith("rltc1p") for line in lines[1:])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "give either --xpub or --lab-seed"),
        (("--xpub", BIP84_ZPUB, "--network", "regtest"), "is for bitcoin, not for regtest"),
    ],
)
def test_address_generator_refuses_in_words(run: Run, arguments: tuple[str, ...], words: str) -> None:
    assert words in run("address_generator", *arguments, expect=2).stderr


def test_certificate_inspector_reads_a_self_signed_certificate(run: Run, tls_port: int) -> None:
    target = f"127.0.0.1:{tls_port}"

    out = json.loads(run("certificate_inspector", target, "--allow-private", "127.0.0.0/8", "--json").stdout)

    assert out["endpoint"] == f"ssl://{target}@127.0.0.1"
    assert out["certificate"]["self_signed"] is True
    assert out["certificate"]["subject_cn"] == "level 0"
    assert out["certificate"]["tls_version"] == "TLSv1.3"
    assert [one["sha256"] for one in out["chain"]] == out["certificate"]["chain_sha256"]
    assert out["chain"][0]["spki_sha256"] == out["certificate"]["spki_sha256"]
    assert out["recipe"]["key"] == "ec secp256r1"
    assert out["recipe"]["self_signed"] is True


def test_certificate_inspector_dials_no_private_address_unasked(run: Run) -> None:
    told = run("certificate_inspector", "127.0.0.1:1", expect=4).stderr

    assert "an address that we do not dial (loopback); --allow-private NETWORK dials your own" in told


def test_certificate_inspector_writes_lists_as_words(run: Run, tls_port: int) -> None:
    told = run("certificate_inspector", f"127.0.0.1:{tls_port}", "--allow-private", "127.0.0.0/8").stdout

    assert "warnings\t–\n" in told
    assert "subject_parts\tCN\n" in told
    assert "('" not in told


def test_timing_analyzer_prints_the_fastest_endpoint_first(run: Run, data: Path) -> None:
    lines = run("timing_analyzer", "--data", str(data)).stdout.splitlines()

    assert lines[1].split("\t") == [
        f"ssl://near.example:50002@{HETZNER}", "1", "3", "10.0", "20.0", "28.0", "30.0", "–"
    ]  # fmt: skip
    assert lines[2].split("\t")[-5:] == ["200.0"] * 4 + ["–"]


def test_timing_analyzer_json_names_the_campaigns(run: Run, data: Path) -> None:
    out = json.loads(run("timing_analyzer", "latest", "--data", str(data), "--json").stdout)

    assert out["campaigns"] == [CAMPAIGN_ID]
    assert [timing["pings"] for timing in out["timings"]] == [3, 1]


def test_timing_analyzer_says_what_to_do_without_data(run: Run, tmp_path: Path) -> None:
    assert "scan" in run("timing_analyzer", "--data", str(tmp_path / "none"), expect=3).stderr


def test_export_map_writes_a_drawing_that_carries_its_attribution(run: Run, data: Path, tmp_path: Path) -> None:
    out = tmp_path / "map.svg"

    done = run("export_map", "--data", str(data), "--out", str(out))

    drawing = out.read_text(encoding="utf-8")
    assert "2 of 2 machines that answered" in done.stderr
    assert drawing.startswith("<svg")
    assert "https://db-ip.com" in drawing
    assert CAMPAIGN_ID in drawing
    assert "seen from vantage “local” on 20 November 2026, 22:15 UTC" in drawing
    assert "simulated" not in drawing


def test_the_map_of_a_lab_says_that_it_is_simulated(run: Run, tmp_path: Path) -> None:
    run("export_map", "--data", str(stored(tmp_path / "data", overlay="demo")), "--out", str(tmp_path / "map.svg"))

    assert "A simulated network: its servers, names and places are invented." in (tmp_path / "map.svg").read_text()


def test_export_map_refuses_another_format(run: Run, data: Path) -> None:
    assert "ends in .svg or .png" in run("export_map", "--data", str(data), "--out", "map.jpg", expect=2).stderr
