"""`observatory fingerprint HOST…`: what software answered, one word for one behaviour, and where nobody answers."""

from pathlib import Path

from tests.unit.cli.examined_lab import Examined


def test_servers_of_one_build_have_one_fingerprint_whatever_else_they_do(examined: Examined) -> None:
    told = examined.by_machine()

    assert {one["implementation"] for one in told.values()} == {"electrumx", "fulcrum"}
    assert len({told[one]["fingerprint_hash"] for one in ("honest-21", "omits", "liar")}) == 1
    assert len({told[one]["fingerprint_hash"] for one in ("honest-22", "limiter")}) == 1
    assert len({one["fingerprint_hash"] for one in told.values()}) == 4
    assert [one["contradictions"] for one in told.values() if one["contradictions"]] == []


def test_where_nobody_answers_the_campaign_is_told_of(observatory, tmp_path: Path) -> None:
    ended = observatory(
        "fingerprint", "127.0.0.1:1:t", "--allow-private", "127.0.0.0/8", "--profile", "default", "--data", tmp_path
    )

    assert ended.code == 4
    assert "connection refused" in ended.err
