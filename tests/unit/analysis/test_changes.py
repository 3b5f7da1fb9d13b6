"""What differs between two campaigns, and what only looks as if it did."""

from dataclasses import replace

import pytest

from electrum_observatory.analysis.changes import Change, ChangeKind, changes, not_compared
from electrum_observatory.datasets.facts import gather
from electrum_observatory.datasets.servers import ServerRow, build
from electrum_observatory.datasets.tls import build as build_tls
from electrum_observatory.model.failure import FailureKind
from tests.factories import make_campaign, make_endpoint, make_observation, make_seal, make_visit
from tests.unit.report.campaigns import Places


def _rows(*observations) -> tuple[ServerRow, ...]:
    return build(gather(make_campaign(), make_seal(), observations, ()), Places())


def _one(**changed) -> ServerRow:
    [row] = _rows(*make_visit(make_endpoint()))
    return replace(row, **changed)


def test_a_campaign_does_not_differ_from_itself() -> None:
    rows = _rows(*make_visit(make_endpoint()))

    assert changes(rows, rows) == ()


def test_who_came_and_who_went_is_named_by_service() -> None:
    old, new = _one(host="old.example"), _one(host="new.example")

    found = changes([old], [new])

    assert [(one.service.split("/")[2], one.kind) for one in found] == [
        ("new.example:50002", ChangeKind.APPEARED),
        ("old.example:50002", ChangeKind.DISAPPEARED),
    ]


def test_going_down_is_one_change_and_not_a_change_of_every_field() -> None:
    found = changes([_one()], [_one(answered=False, software=None, protocol=None, banner=None)])

    assert [one.kind for one in found] == [ChangeKind.WENT_DOWN]


def _failed(kind: FailureKind, *, dialled: bool) -> ServerRow:
    return _one(answered=False, dialled=dialled, failure_kind=kind.value, failure_side=kind.side.value)


@pytest.mark.parametrize(
    ("kind", "dialled"),
    [
        (FailureKind.TOO_SOON, False),
        (FailureKind.OPTED_OUT, False),
        (FailureKind.CANCELLED, True),
        (FailureKind.PROXY_UNREACHABLE, True),
    ],
)
def test_whom_we_did_not_look_at_has_not_gone_down_nor_come(kind: FailureKind, dialled: bool) -> None:
    seen, unseen = [_one()], [_failed(kind, dialled=dialled)]

    assert changes(seen, unseen) == changes(unseen, seen) == changes([], unseen) == changes(unseen, []) == ()
    assert len(not_compared(seen, unseen)) == len(not_compared(unseen, [])) == 1
    assert not_compared(seen, seen) == ()


def test_a_failure_of_an_import_that_does_not_say_how_counts_as_looked_at() -> None:
    [found] = changes([_one()], [_failed(FailureKind.NOT_RECORDED, dialled=True)])

    assert found.kind is ChangeKind.WENT_DOWN


def test_a_changed_field_is_told_with_both_values() -> None:
    before, after = _one(software="ElectrumX 1.16.0"), _one(software="ElectrumX 1.20.0")

    [found] = changes([before], [after])

    assert found == Change(
        service=found.service,
        kind=ChangeKind.CHANGED,
        field="software",
        before="ElectrumX 1.16.0",
        after="ElectrumX 1.20.0",
    )


def test_what_one_side_did_not_record_is_no_change() -> None:
    assert changes([_one(banner=None)], [_one(banner="hello")]) == ()


def test_another_address_behind_a_name_is_a_change_and_an_overlap_is_none() -> None:
    first, second, third = (_one(address=f"192.0.2.{number}") for number in (1, 2, 3))

    assert [one.field for one in changes([first], [second])] == ["addresses"]
    assert changes([first, second], [second, third]) == ()


def test_a_new_certificate_is_a_change() -> None:
    endpoint = make_endpoint()

    def tls(digest: str):
        shown = make_observation("tls_certificate", {"sha256": digest, "spki_sha256": "k"}, endpoint=endpoint)
        return build_tls(gather(make_campaign(), make_seal(), [*make_visit(endpoint), shown], ()), Places())

    rows = _rows(*make_visit(endpoint))

    [found] = changes(rows, rows, tls_before=tls("a"), tls_after=tls("b"))

    assert (found.field, found.before, found.after) == ("certificate_sha256", "a", "b")
