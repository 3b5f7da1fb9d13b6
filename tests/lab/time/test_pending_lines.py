"""Lists of pending transactions, as each build writes them."""

import json
from dataclasses import replace

import pytest

from electrum_observatory.lab.ledger import EmptyLedger, Unconfirmed
from electrum_observatory.lab.personalities.registry import PERSONALITIES
from electrum_observatory.lab.time.drawing_servers import BUILDS
from electrum_observatory.lab.time.pending_lines import PendingWriter
from electrum_observatory.lab.time.reply_lines import LineWriter, any_node
from electrum_observatory.model.watch import Question
from electrum_observatory.protocol.watch_questions import PENDING_IDS, requests_of

SCRIPTS = ("0a" * 32, "0b" * 32, "0c" * 32)
WAITING = {
    SCRIPTS[0]: (Unconfirmed(txid="9" * 64, fee_sat=7), Unconfirmed(txid="1234567" * 9 + "8", fee_sat=1_234_567)),
    SCRIPTS[1]: (),
    SCRIPTS[2]: (Unconfirmed(txid="ab" * 32, fee_sat=10**9),),
}


class Waiting(EmptyLedger):
    def unconfirmed(self, scripthash):
        return WAITING[scripthash]


def _writers(build):
    version = PERSONALITIES[build.personality].default_version
    writer = LineWriter(personality=build.personality, version=version, negotiated=build.negotiated)
    return writer, PendingWriter(writer, build.negotiated, SCRIPTS)


@pytest.mark.parametrize("build", BUILDS, ids=lambda one: one.personality)
def test_lists_are_written_as_the_personality_writes_them(build):
    writer, pending = _writers(build)
    node = replace(any_node(), ledger=Waiting())
    spoken = b"".join(writer.said(asked, node) for asked in requests_of(Question.PENDING, build.negotiated, SCRIPTS))
    held = [sorted(one, key=lambda each: each.txid) if pending.sorts else one for one in WAITING.values()]

    listed = [pending.items([each.txid for each in one], [each.fee_sat for each in one]) for one in held]

    assert pending.lines(listed) == spoken


def test_the_order_is_that_of_protocol_1_6_in_recent_builds_and_nobody_s_in_others():
    sorts = {build.personality: _writers(build)[1].sorts for build in BUILDS}

    assert sorts["electrumx_1_20"]
    assert sorts["fulcrum_1_9"]
    assert sorts["fulcrum_2_1_1"]
    assert not sorts["electrumx_1_16_git"]
    assert not sorts["electrumx_1_18"]
    assert not sorts["electrs_esplora_coded"]


def test_builds_without_the_method_refuse_it_in_their_words_or_hang_up():
    by_name = {build.personality: _writers(build)[1] for build in BUILDS}
    nothing = [()] * len(SCRIPTS)

    refused = [json.loads(line) for line in by_name["electrs_romanz_0_11_1"].lines(nothing).splitlines()]

    assert [one["id"] for one in refused] == list(PENDING_IDS[: len(SCRIPTS)])
    assert all(one["error"]["message"] == "method not found" for one in refused)
    assert [name for name, one in by_name.items() if one.hangs_up] == ["electrs_esplora"]
    assert by_name["electrs_esplora"].lines(nothing) == b""
