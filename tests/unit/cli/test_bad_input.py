"""Bad input: one clear line with what to do, nothing lost, the documented exit code."""

from pathlib import Path

import pytest

from electrum_observatory.net.clock import SystemClock
from electrum_observatory.report.words import failure_words
from electrum_observatory.store.live import LiveStore
from electrum_observatory.store.reader import StoreReader
from tests.unit.cli.strangers import Strangers


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["scan", "example.org:70000:t"], 2, "port 70000"),
        (["scan", "example.org:50001:x"], 2, "transport 'x'"),
        (["scan", "bad host:1:t"], 2, "not host"),
        (["scan", "no/such/list.txt"], 3, "no/such/list.txt"),
        (["scan", "--network", "dogecoin"], 2, "unknown network dogecoin; known are bitcoin"),
        (["scan", "--network", "signet"], 2, "name targets for signet"),
        (["scan", "--profile", "gentle"], 2, "no profile 'gentle'"),
        (["scan", "--allow-private", "10.0.0.300/8", "--dry-run"], 2, "not a network such as 192.168.1.0/24"),
        (["scan", "--vantage", "My House", "--dry-run"], 2, "not a name of lower-case letters"),
        (["scan", "--only", "udp", "--dry-run"], 2, "--only udp: known are"),
        (["scan", "--exclude", "a b", "--dry-run"], 2, "--exclude: 'a b'"),
        (["scan", "--opt-out", "no-such-file", "--dry-run"], 3, "no-such-file"),
        (["scan", "--tor=nonsense:port", "--dry-run"], 2, "not the HOST:PORT"),
        (["scan", "--overlay", "pyproject.toml", "--dry-run"], 3, "not the overlay.json"),
        (["scan", "--no-such-flag"], 2, "--no-such-flag"),
        (["geo", "not-an-address"], 2, "not an IP address"),
        (["geo", "1.2.3.4", "--geoip", "pyproject.toml"], 3, "pyproject.toml"),
        (["lab", "run", "no-such-world.yaml"], 3, "no-such-world.yaml"),
        (["import", "crawl-2025-12", "no-such-folder"], 3, "no-such-folder"),
        (["import", "jsonl", "no-such-file"], 3, "no-such-file"),
        (["scan", "--resume"], 2, "name the campaign, or say --resume latest"),
        (["report"], 3, "nothing is in"),
        (["show", "example.org"], 3, "nothing is in"),
        (["backends"], 3, "observatory monitor --data"),
        (["lifecycle"], 3, "observatory monitor --data"),
        (["histograms", "matrix"], 3, "observatory monitor --data"),
        (["lifecycle", "--image", "uptime.gif"], 2, ".png or .svg"),
    ],
)
def test_each_mistake_has_its_exit_code_and_one_clear_line(
    observatory, tmp_path: Path, arguments: list[str], code: int, words: str
) -> None:
    places = [] if arguments[0] in ("geo", "lab") else ["--data", tmp_path / "data"]

    ended = observatory(*arguments, *places)

    assert (ended.code, ended.out) == (code, "")
    assert words in ended.err
    assert "Traceback" not in ended.err
    assert (code == 2 and "Usage" in ended.err) or len(ended.err.strip().splitlines()) == 1


def test_whoever_ran_only_the_demo_is_led_to_its_folder(observatory, measured: Path, tmp_path: Path) -> None:
    nowhere = observatory("report", "--data", tmp_path)
    (tmp_path / "demo").symlink_to(measured)
    beside = observatory("report", "--data", tmp_path)

    assert f"run `observatory scan --data {tmp_path}` first" in nowhere.err
    assert f"add --data {tmp_path / 'demo'} to read the demo" in beside.err
    assert nowhere.code == beside.code == 3


def test_a_malformed_list_line_is_named_by_its_number(observatory, tmp_path: Path) -> None:
    listed = tmp_path / "list.txt"
    listed.write_text("# mine\nexample.org:50001:t\nexample.org:fifty:t\n", encoding="utf-8")

    ended = observatory("scan", listed, "--data", tmp_path / "data")

    assert ended.code == 3
    assert "list.txt, line 3: 'example.org:fifty:t'" in ended.err


def test_an_empty_list_is_refused_with_the_form_it_should_have(observatory, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("\n# nobody\n", encoding="utf-8")

    ended = observatory("scan", tmp_path / "list.txt", "--data", tmp_path / "data")

    assert ended.code == 3
    assert "no server in it (one host:port:t" in ended.err


def test_an_unknown_setting_is_named_with_its_line(observatory, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("scan:\n  budgets:\n    spaceing_s: 3\n", encoding="utf-8")

    ended = observatory("scan", "--profile", tmp_path / "mine.yaml", "--dry-run")

    assert ended.code == 2
    assert "mine.yaml, line 3: unknown setting 'scan.budgets.spaceing_s'" in ended.err


def test_a_data_folder_that_cannot_be_one_is_refused(observatory, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")

    ended = observatory("scan", "127.0.0.1:1:t", "--data", tmp_path / "file" / "data")

    assert ended.code == 5
    assert str(tmp_path / "file") in ended.err


def test_a_second_writer_on_the_same_folder_is_refused(observatory, tmp_path: Path) -> None:
    with LiveStore.open(tmp_path, SystemClock()):
        ended = observatory("scan", "127.0.0.1:1:t", "--data", tmp_path)

    assert ended.code == 5
    assert str(tmp_path) in ended.err


def test_a_private_address_is_refused_and_counted_with_its_reason(observatory, tmp_path: Path) -> None:
    ended = observatory("scan", "127.0.0.1:50001:t", "--data", tmp_path, "--json")

    assert ended.code == 4
    spoken = observatory("scan", "127.0.0.1:50001:t", "--data", tmp_path)

    assert f"{failure_words('address_refused')}: tcp://127.0.0.1:50001@127.0.0.1" in spoken.err
    assert "--allow-private NETWORK dials your own" in spoken.err
    assert ended.json["counts"]["refused_loopback"] == 1
    assert ended.json["counts"]["connections"] == 0


def test_strange_servers_are_recorded_each_by_its_own_failure(observatory, tmp_path: Path) -> None:
    """Refused, reset, TLS garbage, plain text on the ssl port, HTTP, an early end: each is a fact, and exit code 4."""
    (tmp_path / "quick.yaml").write_text("scan: {depth: 0, budgets: {spacing_s: 0.1}}\n", encoding="utf-8")
    here = ("--allow-private", "127.0.0.0/8", "--profile", tmp_path / "quick.yaml", "--data", tmp_path)
    with Strangers() as strangers:
        ended = observatory("scan", *strangers.targets, *here, "--json")
        with StoreReader.open(tmp_path) as reader:
            seen = {
                (one.endpoint.host, one.attempt.failure.kind.value)
                for one in reader.observations(ended.json["campaign_id"])
                if one.attempt.failure is not None
            }

        spoken = observatory("scan", *strangers.targets, *here, "--again")

    assert ended.code == 4
    assert ended.json["state"] == "complete"
    assert seen == set(strangers.expected.items())
    assert f"{failure_words('plain_text_on_tls')}: ssl://127.31.0.2:" in spoken.err
    assert "try :t instead of :s" in spoken.err
    assert f"{failure_words('http_reply')}: tcp://127.31.0.1:" in spoken.err
    assert f"{failure_words('connect_refused')}: tcp://127.31.0.7:" in spoken.err
    assert "Is there a network?" not in spoken.err


def test_an_unknown_name_is_recorded_as_unresolved(observatory, tmp_path: Path) -> None:
    ended = observatory("scan", "no-such-host.invalid:50001:t", "--data", tmp_path, "--json")

    spoken = observatory("scan", "no-such-host.invalid:50001:t", "--data", tmp_path)

    assert (ended.code, spoken.code) == (4, 4)
    assert ended.json["counts"]["unresolved"] == 1
    assert "no-such-host.invalid" in spoken.err
    assert "1 did not resolve" in spoken.err
    assert "Is there a network?" in spoken.err
