"""Parts that judges are made from."""

from collections.abc import Callable, Sequence

from tests.hostile.orders import Record, Seen

Judge = Callable[[Record, Sequence[Seen]], None]
MEASURED = {"completed", "not_applicable"}


def every(seen: Sequence[Seen], probe: str, *, letter: str = "") -> list[Seen]:
    """Return the observations of a probe, at least one, perhaps of one transport only."""
    found = [one for one in seen if one.probe == probe and one.endpoint.startswith(letter)]
    assert found, f"no observation of {probe}"
    return found


def fails(probe: str, stage: str, kind: str, detail: str = "", *, letter: str = "") -> Judge:
    """Expect a probe to have failed so on every endpoint, with these words in its detail."""

    def judge(record: Record, seen: Sequence[Seen]) -> None:
        for one in every(seen, probe, letter=letter):
            assert (one.stage, one.kind) == (stage, kind), one
            assert detail in one.detail, one

    return judge


def measured_whole(record: Record, seen: Sequence[Seen]) -> None:
    """Expect every question to have been answered."""
    every(seen, "server_version")
    assert {one.status for one in seen} <= MEASURED, [one for one in seen if one.status not in MEASURED]


def fails_after_version(kind: str, detail: str = "") -> Judge:
    """Expect the handshake to be kept, and every later question to have failed so."""

    def judge(record: Record, seen: Sequence[Seen]) -> None:
        assert {one.status for one in every(seen, "server_version")} == {"completed"}
        failed = [one for one in seen if one.status == "failed"]
        assert {(one.stage, one.kind) for one in failed} == {("request", kind)}, failed
        assert {"genesis", "banner", "peers"} <= {one.probe for one in failed}
        assert all(detail in one.detail for one in failed), failed

    return judge


def both(*judges: Judge) -> Judge:
    """Expect all of it."""

    def judge(record: Record, seen: Sequence[Seen]) -> None:
        for one in judges:
            one(record, seen)

    return judge
