"""`identify` and `fingerprint`: recordings, our files and stored campaigns give one answer, and errors are named."""

import json
import lzma
from pathlib import Path
from typing import Any

import pytest

from electrum_observatory.analysis.behaviour import judge
from electrum_observatory.analysis.builds.universe import version_key
from electrum_observatory.cli.identified import Identified, emit_identified
from tests.unit.cli.conftest import Imported

KEYS = {"implementation", "version_min", "version_max", "claimed", "confidence", "contradictions", "decided_by"}


def plain(folder: Path, recording: Path, rows: int = 60) -> Path:
    """Return the first rows of a recording, unpacked."""
    path = folder / "plain.jsonl"
    with lzma.open(recording, "rt") as lines:
        path.write_text("".join(line for line, _ in zip(lines, range(rows), strict=False)))
    return path


@pytest.mark.parametrize(
    ("name", "implementation", "version"),
    [
        ("ex116-ltc-s", "electrumx", "1.16.0"),
        ("ex120-ltc-s", "electrumx", "1.20.0"),
        ("fulc-ltc-s", "fulcrum", "2.1.1"),
    ],
)
@pytest.mark.parametrize("options", [(), ("--mask-names",)])
def test_a_recorded_server_is_identified(observatory, shared: Path, name, implementation, version, options) -> None:
    ended = observatory("identify", shared / "transcripts" / f"{name}.jsonl.xz", "--json", *options)

    (found,) = ended.json
    assert found.keys() >= KEYS
    assert (found["server"], found["transport"], found["dialogues"]) == (name.removesuffix("-s"), "ssl", 42)
    assert found["implementation"] == implementation
    assert within(version, found)
    assert found["contradictions"] == []
    assert (found["claimed"] is None) == bool(options)
    assert {"rule", "aspect", "value", "exchange"} == found["decided_by"][0].keys()


def test_several_files_plain_or_packed_make_one_table(observatory, shared: Path, tmp_path: Path) -> None:
    packed = shared / "transcripts" / "fulc-ltc-s.jsonl.xz"
    unpacked = plain(tmp_path, shared / "transcripts" / "ex118-ltc-t.jsonl.xz")

    header, *rows = observatory("identify", packed, unpacked).out.splitlines()

    assert header.split("\t")[:4] == ["server", "software", "version", "calls itself"]
    assert [row.split("\t")[:2] for row in rows] == [["fulc-ltc ssl", "Fulcrum"], ["ex118-ltc tcp", "ElectrumX"]]


def test_files_that_cannot_be_read_are_named_and_the_others_are_told_of(observatory, shared, tmp_path: Path) -> None:
    silent = tmp_path / "silent.jsonl"
    silent.write_text('{"format":"electrum-observatory-scan","version":1}\n')
    recording = plain(tmp_path, shared / "transcripts" / "ex118-ltc-t.jsonl.xz")

    ended = observatory("identify", tmp_path / "none", silent, recording, "--json")

    assert ended.code == 3
    assert [one["server"] for one in ended.json] == ["ex118-ltc"]
    assert f"observatory: {tmp_path / 'none'}" in ended.err
    assert f"observatory: {silent} holds no reply" in ended.err


@pytest.mark.parametrize(
    ("server", "shown"),
    [
        ("tcp://192.0.2.7:50001@192.0.2.7", "tcp://192.0.2.7:50001"),
        ("ssl://[2001:db8::7]:50002@[2001:db8::7]", "ssl://[2001:db8::7]:50002"),
        ("ssl://a.example:50002@192.0.2.7", "ssl://a.example:50002@192.0.2.7"),
        ("ssl://a.example:50002", "ssl://a.example:50002"),
        ("my server", "my server tcp"),
    ],
)
def test_a_table_says_no_address_twice_and_of_a_recording_what_was_dialled(capsys, server: str, shown: str) -> None:
    behaviour = judge(())
    nothing = Identified(
        server=server,
        transport="tcp",
        dialogues=0,
        identification=behaviour.identification,
        fingerprint=behaviour.fingerprint,
    )

    emit_identified([nothing], as_json=False)

    row = capsys.readouterr().out.splitlines()[1].split("\t")
    assert row[:5] == [shown, "unknown", "unknown", "–", "–"]


def test_raw_files_an_export_and_the_store_give_one_answer(observatory, measured: Path, tmp_path: Path) -> None:
    stored = observatory("fingerprint", "--data", measured, "--json").json
    raw = observatory("identify", *sorted((measured / "raw").glob("*.json"))[:8], "--json").json
    (tmp_path / "scan.jsonl").write_text(observatory("export", "jsonl", "--data", measured).out)
    exported = observatory("identify", tmp_path / "scan.jsonl", "--json").json

    by_endpoint = {one["server"]: inferred(one) for one in stored["servers"]}
    assert len(by_endpoint) > 30
    assert [inferred(one) for one in exported] == [by_endpoint[one["server"]] for one in exported]
    assert len(exported) == len(by_endpoint)
    assert [inferred(one) for one in raw] == [by_endpoint[one["server"]] for one in raw]


def test_what_the_lab_claims_is_what_behaviour_leaves(observatory, measured: Path) -> None:
    servers = observatory("fingerprint", "--data", measured, "--json").json["servers"]
    told = [one for one in servers if one["claimed"] and one["implementation"]]

    assert len(told) > 30
    assert [one for one in told if one["implementation"] != one["claimed"]["implementation"]] == []
    assert [one for one in told if not within(one["claimed"]["version"], one)] == []
    assert [one["contradictions"] for one in told if one["contradictions"]] == []
    assert all(one["fingerprint_hash"].startswith("f1-") for one in told)


def test_the_december_crawl_is_identified_as_far_as_it_was_recorded(observatory, december: Imported) -> None:
    """Line ends were stripped and only 1.4 was asked for: ranges are wide, and none of that is a contradiction."""
    servers = observatory("fingerprint", "--data", december.data, "--json").json["servers"]

    assert len(servers) == 101
    known = [one for one in servers if one["implementation"] is not None]
    assert len(known) >= 96
    told = [one for one in known if one["claimed"] is not None]
    assert [one["server"] for one in told if one["implementation"] != one["claimed"]["implementation"]] == []
    outside = {one["claimed"]["text"] for one in told if not within(one["claimed"]["version"], one)}
    assert outside <= {"ElectrumX 1.10.0"}  # older than any build whose behaviour is written down
    assert min(len(one["builds"]) for one in known) > 1
    odd = {one["server"].split("@")[1]: [kind["contradiction_id"] for kind in one["contradictions"]] for one in servers}
    assert {host: kinds for host, kinds in odd.items() if kinds} == {
        "83.97.20.182": ["version_member_on_first"],
        "193.107.109.79": ["version_member_on_first"],
    }


def within(version: str, found: dict[str, Any]) -> bool:
    low, wanted, high = (version_key(text) for text in (found["version_min"], version, found["version_max"]))
    assert low is not None
    assert wanted is not None
    assert high is not None
    return low <= wanted <= high


def inferred(one: dict[str, Any]) -> dict[str, Any]:
    """Return what any source says: not where it stood, nor what only a whole campaign can be held against."""
    return {name: value for name, value in one.items() if name not in ("file", "endpoint_id", "truth", "treatment")}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is empty"),
        ("hello\n", "line 1: not JSON"),
        ("{\n", "not JSON"),
        ("[]\n", "not a file that we can identify servers from"),
        ('{"format":"electrum-observatory-server"}\n', "schema_version"),
        ('{"format":"electrum-observatory-scan","version":7}\n', "version 7"),
        ('{"server":"a","transport":"t","probe":"b","steps":[]}\n', "line 1: steps"),
        ('{"format":"electrum-observatory-scan","version":1}\n', "holds no reply"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(observatory, tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "given.json"
    path.write_text(content)

    ended = observatory("identify", path)

    assert ended.code == 3
    assert ended.err.startswith(f"observatory: {path}")
    assert words in ended.err


def test_a_missing_file_a_folder_and_no_file_at_all(observatory, tmp_path: Path) -> None:
    assert observatory("identify", tmp_path / "none").code == 3
    assert observatory("identify").code == 2
    assert "is a folder: name the files in it" in observatory("identify", tmp_path).err


def test_a_raw_file_over_many_lines_is_read(observatory, measured: Path, tmp_path: Path) -> None:
    original = min((measured / "raw").glob("*.json"))
    pretty = tmp_path / "pretty.json"
    pretty.write_text(json.dumps(json.loads(original.read_text()), indent=2))

    assert [inferred(one) for one in observatory("identify", pretty, "--json").json] == [
        inferred(one) for one in observatory("identify", original, "--json").json
    ]


@pytest.mark.parametrize("option", [("--dry-run",), ("--overlay", "x.json")])
def test_without_a_host_nobody_is_asked(observatory, tmp_path: Path, option) -> None:
    ended = observatory("fingerprint", *option, "--data", tmp_path)

    assert ended.code == 2
    assert "without HOST nobody is asked" in ended.err


def test_a_plan_is_shown_before_anybody_is_asked(observatory, tmp_path: Path) -> None:
    ended = observatory("fingerprint", "electrum.example.org:50002:s", "--dry-run", "--data", tmp_path, "--json")

    assert ended.code == 0
    assert "electrum.example.org" in ended.out
