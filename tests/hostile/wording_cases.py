"""Text: kept as it was sent, cut off where there is too much of it."""

from collections.abc import Sequence
from typing import Any

from electrum_observatory.lab.hostile import wording
from electrum_observatory.lab.hostile.texts import TEXTS
from electrum_observatory.model.endpoint import Transport
from tests.hostile.case import Case
from tests.hostile.judging import both, every, fails, measured_whole
from tests.hostile.orders import Record, Seen
from tests.hostile.places import NEIGHBOUR

NO_HEARSAY = {"scan": {"depth": 0}}
POINTERS = ("localhost", NEIGHBOUR, *(text for text in TEXTS.values() if text.isascii()))
_MOST_NAMES = 200
_MOST_POINTERS = 8


def stored(text: str) -> str:
    """A text as JSON can hold it: halves of surrogate pairs replaced, nothing else."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def result_of(seen: Sequence[Seen], probe: str) -> Any:
    (one,) = every(seen, probe)
    assert one.status == "completed", one
    return one.result


def texts_are_kept(record: Record, seen: Sequence[Seen]) -> None:
    version, features = result_of(seen, "server_version"), result_of(seen, "features")
    assert (version["software"], version["protocol"]) == (wording.SOFTWARE, wording.VERSION)
    assert result_of(seen, "banner")["text"] == stored(wording.BANNER)
    assert result_of(seen, "donation_address")["address"] == wording.DONATION
    assert features["server_version"] == wording.SOFTWARE
    assert features["hosts"] == {wording.SOFTWARE: wording.ERROR}


def errors_are_kept(record: Record, seen: Sequence[Seen]) -> None:
    errors = [one.result["error"] for one in seen if isinstance(one.result, dict) and one.result.get("error")]
    assert errors
    assert {error["message"] for error in errors} == {wording.ERROR}
    assert all("\n" not in one.detail for one in record.seen), "a detail is one line"
    assert record.counts["error_replies"] == 6


def fat_is_cut_off(record: Record, seen: Sequence[Seen]) -> None:
    (one,) = every(seen, "fee_estimates")
    assert (one.stage, one.kind) == ("request", "too_many_bytes"), one
    assert "4000000 bytes in answer to one question" in one.detail
    assert {other.status for other in seen if other.probe != "fee_estimates"} <= {"completed", "not_applicable"}


def names_are_kept_and_counted(record: Record, seen: Sequence[Seen]) -> None:
    found = result_of(seen, "tls_certificate")
    assert len(found.get("san_dns", ())) == _MOST_NAMES, found
    assert found["subject_cn"] == wording.CERTIFICATE_NAME[:64]
    assert found["san_dns"][0] == f"{wording.ALTERNATIVE_NAME}0"


def pointers_are_kept_and_counted(record: Record, seen: Sequence[Seen]) -> None:
    found = result_of(seen, "reverse_dns")
    assert found["names"] == [name.lower() for name in POINTERS[:_MOST_POINTERS]]
    assert found["forward_confirmed"] == [], "nobody believes an address's word for a name"


def garbage_is_a_warning(record: Record, seen: Sequence[Seen]) -> None:
    found = result_of(seen, "tls_certificate")
    assert (found["subject_cn"], found["san_dns"]) == ("broken.example", None)
    assert any("subject alternative name" in warning for warning in found["warnings"])


WORDING_CASES: tuple[Case, ...] = (
    Case(
        act="hostile_texts",
        recorded="every text as it was sent, with U+FFFD in place of lone surrogates",
        judge=texts_are_kept,
        defences=("storable_text",),
        transports=(Transport.TCP,),
        settings=NO_HEARSAY,
    ),
    Case(
        act="hostile_errors",
        recorded="six errors with their messages as sent, then budget_spent; details are one line each",
        judge=errors_are_kept,
        defences=("error_budget",),
        transports=(Transport.TCP,),
        settings=NO_HEARSAY,
    ),
    Case(
        act="banner_10_mb",
        recorded="banner failed with line_too_long",
        judge=fails("banner", "request", "line_too_long"),
        defences=("line_cap",),
        transports=(Transport.TCP,),
        settings=NO_HEARSAY,
    ),
    Case(
        act="fat_answers",
        recorded="fee_estimates failed with too_many_bytes, all else completed",
        judge=fat_is_cut_off,
        defences=("bytes_per_probe",),
        transports=(Transport.TCP,),
        settings=NO_HEARSAY,
    ),
    Case(
        act="pointer_names",
        recorded="everything answered; eight of the names as they are, none confirmed",
        judge=both(measured_whole, pointers_are_kept_and_counted),
        defences=("pointer_cap",),
        transports=(Transport.TCP,),
        settings=NO_HEARSAY,
        pointers=POINTERS,
    ),
    Case(
        act="certificate_names",
        recorded="everything answered; the certificate's names as they are, 200 of them",
        judge=both(measured_whole, names_are_kept_and_counted),
        defences=("certificate_name_cap",),
    ),
    Case(
        act="certificate_broken",
        recorded="everything answered; what could not be read of the certificate is a warning",
        judge=both(measured_whole, garbage_is_a_warning),
        defences=("unreadable_parts_are_warnings",),
    ),
)
