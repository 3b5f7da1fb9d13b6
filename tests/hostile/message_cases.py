"""JSON and protocol: what breaks parsers, answers nothing, or has a wrong type."""

from collections.abc import Sequence

from electrum_observatory.lab.hostile.messages import ABSURD_VERSION
from electrum_observatory.model.endpoint import Transport
from tests.hostile.case import Case
from tests.hostile.judging import Judge, fails
from tests.hostile.orders import Record, Seen

NO_HEARSAY = {"scan": {"depth": 0}}
QUESTIONS = {
    *("genesis", "chain_tip", "peers", "banner", "donation_address"),
    *("fee_histogram", "fee_estimates", "features", "mempool_info"),
}
"""Asked of a server that speaks 1.6, as these do."""


def by_probe(seen: Sequence[Seen]) -> dict[str, Seen]:
    """The one observation of each probe at the only endpoint that was visited."""
    found = {one.probe: one for one in seen}
    assert len(found) == len(seen) > 0
    return found


def numbers_that_are_none(record: Record, seen: Sequence[Seen]) -> None:
    found = by_probe(seen)
    kinds = {probe: found[probe].kind for probe in ("fee_histogram", "fee_estimates")}
    assert set(kinds.values()) == {"unexpected_result"}, kinds
    assert found["banner"].status == "completed", "one odd reply costs no other"
    assert record.counts["tolerant_replies"] >= 3


def the_last_one_counts(record: Record, seen: Sequence[Seen]) -> None:
    one = by_probe(seen)["fee_estimates"]
    assert one.status == "completed"
    assert {(read["btc_per_kvb"], read["text"]) for read in one.result["estimates"]} == {(1e-05, "0.00001")}


def halves_are_replaced(record: Record, seen: Sequence[Seen]) -> None:
    found = by_probe(seen)
    assert found["server_version"].result["software"] == "Fulcrum \ufffd"
    assert found["banner"].result["text"] == "\ufffd and \ufffd"


def every_wrong_type_is_named(record: Record, seen: Sequence[Seen]) -> None:
    asked = [by_probe(seen)[probe] for probe in QUESTIONS]
    assert {(one.stage, one.kind) for one in asked} == {("request", "unexpected_result")}, asked
    assert all(one.detail.startswith("wanted ") for one in asked)


def nulls_are_told_apart(record: Record, seen: Sequence[Seen]) -> None:
    found = by_probe(seen)
    assert {found[probe].kind for probe in ("genesis", "chain_tip", "peers", "features")} == {"unexpected_result"}
    assert found["banner"].result["text"] is None, "a banner may be null"


def a_refused_handshake_is_an_answer(record: Record, seen: Sequence[Seen]) -> None:
    found = by_probe(seen)
    assert set(found) <= {"connection", "server_version", "tls_certificate", "reverse_dns"}, "nothing else is asked"
    assert found["server_version"].status == "completed"
    assert found["server_version"].result["error"]["message"].startswith("your wallet")
    assert record.counts.get("verified", 0) == 2, "the neighbour's endpoints only"


def errors_end_the_visit(record: Record, seen: Sequence[Seen]) -> None:
    found = by_probe(seen)
    assert record.counts["error_replies"] == 6, "what a guest may provoke"
    assert found["genesis"].status == "completed"
    assert found["genesis"].result["error"]["code"] == -32600, "an error is a result"
    assert (found["features"].kind, found["features"].detail) == ("budget_spent", "6 error replies in one visit")


def versions_are_claims(record: Record, seen: Sequence[Seen]) -> None:
    found = by_probe([one for one in seen if one.endpoint.startswith("tcp:")])
    over_tls = by_probe([one for one in seen if one.endpoint.startswith("ssl:")])["server_version"]
    assert found["server_version"].result["protocol"] == ABSURD_VERSION
    assert {found[probe].status for probe in QUESTIONS - {"mempool_info"}} == {"completed"}
    assert found["mempool_info"].status == "not_applicable", "what is no version is no 1.6 either"
    assert over_tls.kind == "unexpected_result"


def early_replies_are_none(record: Record, seen: Sequence[Seen]) -> None:
    by_probe(seen)
    assert "bad_message" in {one.kind for one in seen}
    spared = {"mempool_info"}  # where its reply to the handshake comes in time, it speaks 1.4 only
    asked = [one for one in seen if one.probe in QUESTIONS | {"latency"}]
    assert {one.status for one in asked if one.probe not in spared} <= {"failed"}  # none where the handshake failed
    assert {one.status for one in asked} <= {"failed", "not_applicable"}


def _case(act: str, recorded: str, judge: Judge, *defences: str) -> Case:
    return Case(
        act=act,
        recorded=recorded,
        judge=judge,
        defences=defences,
        transports=(Transport.TCP,),
        settings=NO_HEARSAY,
    )


MESSAGE_CASES: tuple[Case, ...] = (
    _case(
        "deep_json",
        "features failed with not_json: nested deeper than 64",
        fails("features", "request", "not_json", "nested deeper than 64"),
        "depth_cap",
    ),
    _case(
        "long_integer",
        "fee_estimates failed with not_json: a number of more than 400 digits",
        fails("fee_estimates", "request", "not_json", "more than 400 digits"),
        "digit_cap",
    ),
    _case(
        "not_a_number",
        "the fee probes failed with unexpected_result, all others completed",
        numbers_that_are_none,
        "finite_numbers",
    ),
    _case(
        "duplicate_keys",
        "fee_estimates completed with the last result, as both parsers hold it",
        the_last_one_counts,
        "last_key_counts",
    ),
    _case(
        "lone_surrogates",
        "completed, with U+FFFD in place of the halves; the witness has the bytes",
        halves_are_replaced,
        "storable_text",
    ),
    _case(
        "invalid_utf8",
        "banner failed with not_json",
        fails("banner", "request", "not_json", "utf-8"),
        "unreadable_lines_are_no_exceptions",
    ),
    _case(
        "invalid_utf8_in_error",
        "banner failed with not_json, and the line is kept",
        fails("banner", "request", "not_json", "utf-8"),
        "unread_results_are_no_exceptions",
    ),
    _case(
        "wrong_ids",
        "latency failed with bad_message: a reply to an id which awaits none",
        fails("latency", "request", "bad_message", "a reply to id 100010, which awaits none"),
        "replies_are_matched",
    ),
    _case(
        "string_ids",
        "latency failed with bad_message: a reply to an id which awaits none",
        fails("latency", "request", "bad_message", "which awaits none"),
        "replies_are_matched",
    ),
    _case(
        "float_ids",
        "latency failed with bad_message: a reply to an id which awaits none",
        fails("latency", "request", "bad_message", "a reply to id 10.0, which awaits none"),
        "ids_are_integers",
    ),
    _case(
        "missing_ids",
        "latency failed with bad_message: a reply to id None, which awaits none",
        fails("latency", "request", "bad_message", "a reply to id None, which awaits none"),
        "replies_are_matched",
    ),
    _case(
        "duplicate_replies",
        "latency failed with bad_message: the second reply to its first ping awaits none",
        fails("latency", "request", "bad_message", "a reply to id 10, which awaits none"),
        "replies_are_matched",
        "unasked_replies_end_the_conversation",
    ),
    _case(
        "early_replies",
        "bad_message, and no time or answer is believed that came before its question",
        early_replies_are_none,
        "unasked_replies_end_the_conversation",
    ),
    _case(
        "batch_replies",
        "latency failed with bad_message: a batch, though no batch was asked",
        fails("latency", "request", "bad_message", "a batch"),
        "strange_lines_end_the_conversation",
    ),
    _case(
        "notification_storm",
        "latency failed with too_many_messages",
        fails("latency", "request", "too_many_messages", "more than 200 lines in one visit"),
        "message_budget",
    ),
    _case(
        "wrong_results",
        "every question failed with unexpected_result, which says what was wanted",
        every_wrong_type_is_named,
        "types_are_checked",
    ),
    _case(
        "null_results",
        "unexpected_result where null has no meaning; a null banner is an answer",
        nulls_are_told_apart,
        "types_are_checked",
    ),
    _case(
        "errors_to_everything",
        "server_version completed with the error; nothing else is asked, nothing is verified",
        a_refused_handshake_is_an_answer,
        "refused_handshakes_end_the_visit",
    ),
    _case(
        "errors_after_handshake",
        "six errors, then budget_spent",
        errors_end_the_visit,
        "error_budget",
    ),
    Case(
        act="absurd_version",
        recorded="server_version completed with the claim as it was sent; unexpected_result where it is no text",
        judge=versions_are_claims,
        defences=("handshake_types_are_checked",),
        settings=NO_HEARSAY,
    ),
)
