"""What servers listed, and which transactions they are taken to have."""

import json
from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from electrum_observatory.datasets.watch.pending import FAILED, pending_of
from electrum_observatory.datasets.watch.pending_lines import ListState, PendingLine, read_pending_line
from electrum_observatory.datasets.watch.pending_seen import PendingTransactions, pending_transactions
from electrum_observatory.datasets.watch.table import WatchTable
from electrum_observatory.model.endpoint import Endpoint, Transport
from electrum_observatory.model.watch import Question, Round
from electrum_observatory.model.watch_ports import NOTHING

HOUR_US = 3_600_000_000
TXIDS = [f"{number:064x}" for number in range(100)]
USUAL = b'{"jsonrpc":"2.0","result":[{"tx_hash":"' + TXIDS[1].encode() + b'","height":0,"fee":141}],"id":41}'
PIECES = (
    b'"fee":1.5,',
    b'"id":41.0,',
    b'"error":{"code":1},',
    b'"error":null,',
    b'"x":0,',
    b"1" * 401,
    b"[",
    b"\xff",
    b",",
)

Lists = Mapping[int, Sequence[int]]


def text_of(lists: Lists) -> bytes:
    """Reply to each script of a mapping with the transactions of these numbers."""
    return b"".join(
        json.dumps(
            {
                "jsonrpc": "2.0",
                "result": [{"tx_hash": TXIDS[one], "height": 0, "fee": 141} for one in listed],
                "id": 40 + script,
            }
        ).encode()
        + b"\n"
        for script, listed in lists.items()
    )


def table_of_texts(texts: Sequence[Sequence[bytes | None]], every_us: int = HOUR_US) -> WatchTable:
    """Arrange answers by round and server; None for an answer that did not come."""
    distinct = list(dict.fromkeys(text for row in texts for text in row if text is not None))
    at = np.array([[NOTHING if text is None else distinct.index(text) for text in row] for row in texts])
    rounds = [
        Round(
            number=number + 1,
            due_at_us=number * every_us,
            started_at_us=number * every_us,
            started_monotonic_ns=number * every_us * 1_000,
            boot_id="b",
            duration_us=1,
            questions=(Question.PENDING,),
            lag_max_us=0,
        )
        for number in range(len(texts))
    ]
    return WatchTable(
        rounds=rounds,
        endpoints=[Endpoint(host=f"s{one}.example", port=1, transport=Transport.TCP) for one in range(at.shape[1])],
        at_us=np.array([one.started_at_us for one in rounds]),
        availability=np.zeros(at.shape, np.int64),
        asked_us=np.zeros(at.shape, np.int64),
        answered_us={},
        text_at={Question.PENDING: at},
        texts=distinct,
        news=None,
        spells=(),
    )


def _seen(listed: Sequence[Sequence[Sequence[int] | None]], every_us: int = HOUR_US) -> PendingTransactions:
    """Let servers list transactions under one script, round by round."""
    return pending_transactions(
        table_of_texts([[None if one is None else text_of({0: one}) for one in row] for row in listed], every_us)
    )


def _of(found: PendingTransactions, number: int) -> list[int]:
    return found.seen[list(found.txids).index(TXIDS[number])].tolist()


@pytest.mark.parametrize("piece", PIECES)
def test_the_short_way_and_the_long_way_say_the_same(piece: bytes) -> None:
    for place in range(1, len(USUAL) + 1):
        changed = USUAL[:place] + piece + USUAL[place:]
        assert read_pending_line(changed) == read_pending_line(b'{"y":0,' + changed[1:]), changed


def test_lists_errors_and_rubbish_are_three_things() -> None:
    usual = PendingLine(41, ListState.LISTED, [TXIDS[1]])

    assert read_pending_line(USUAL) == usual
    assert read_pending_line(b'{"jsonrpc":"2.0","result":[],"id":40}') == PendingLine(40, ListState.LISTED, [])
    assert read_pending_line(b'{"jsonrpc":"2.0","error":{"code":-32601,"message":"no"},"id":40}') == PendingLine(
        40, ListState.ERROR
    )
    assert read_pending_line(b'{"jsonrpc":"2.0","result":[{"tx_hash":7}],"id":40}') == PendingLine(
        40, ListState.MALFORMED
    )
    assert read_pending_line(b'{"jsonrpc":"2.0","result":[],"id":20}') is None
    assert read_pending_line(USUAL[:-30]) is None


def test_answers_are_read_by_script_and_failures_kept_apart_from_absences() -> None:
    error = b'{"jsonrpc":"2.0","error":{"code":1,"message":"history too large"},"id":41}\n'
    rubbish = text_of({2: [1]}).replace(TXIDS[1].encode(), b"not a transaction")
    table = table_of_texts([[text_of({0: [1, 2]}) + error + rubbish, None], [text_of({0: [2]}), text_of({0: []})]])

    found = pending_of(table)

    assert found.list_at[0, :, 1:3].tolist() == [[FAILED, NOTHING], [NOTHING, NOTHING]]
    listed, by = found.sightings(1)
    assert [found.txids[one] for one in listed] == [TXIDS[2]]
    assert by.tolist() == [0]
    assert (found.list_at[1, :, 0] >= 0).all()


def test_a_transaction_is_looked_at_between_its_first_and_last_sighting_only() -> None:
    found = _seen([[[1], []], [[1, 2], []], [[1, 2], [1]], [[], [1]]])

    assert list(found.txids) == [TXIDS[1]]
    assert (found.first.tolist(), found.last.tolist()) == ([0], [3])
    assert found.seen.tolist() == [[1, NOTHING]]  # the second had it in one of the two rounds between


def test_rounds_right_after_the_first_sighting_do_not_count() -> None:
    late = [[[1], []], [[1], []], [[1], []], [[1], [1]], [[1], [1]], [[1], [1]], [[1], [1]], [[1], [1]], [[1], [1]]]

    assert _seen(late, every_us=10_000_000).seen.tolist() == [[1, 1]]
    assert _seen(late[:5], every_us=10_000_000).seen.shape == (0, 2)


def test_who_did_not_answer_is_not_taken_to_lack_anything() -> None:
    found = _seen([[[1], None], [[1], None], [[1], [1]], [[1], None], [[1], []]])
    never = _seen([[[1], None], [[1], None], [[1], None]])

    assert found.seen.tolist() == [[1, 1]]
    assert never.seen.tolist() == [[1, NOTHING]]


def test_a_mempool_emptied_for_a_while_and_a_reply_cut_short_speak_of_nothing() -> None:
    everything = list(range(20))
    rows = [[everything, everything, everything] for _ in range(9)]
    for moment in range(3, 5):
        rows[moment] = [everything, [], everything[:5]]
    rows[3].append(everything), rows[4].append(everything)
    rows = [[*row, everything][:4] for row in rows]
    rows[6] = [[*everything, 30], everything, everything, everything]

    found = _seen(rows)

    assert (found.seen == 1).all()


def test_a_server_without_an_index_of_its_mempool_says_nothing() -> None:
    everything = list(range(20))

    found = _seen([[everything, everything, []]] * 4)

    assert (found.seen[:, 2] == NOTHING).all()


def test_what_is_listed_many_times_is_listed_once() -> None:
    honest, loud = list(range(20)), [*range(20), *[50] * 30, *[51] * 30]
    rows = [[honest, honest, loud if moment == 2 else honest] for moment in range(5)]

    assert (_seen(rows).seen == 1).all()
    assert pending_of(table_of_texts([[text_of({0: loud})]])).sightings(0)[0].tolist() == list(range(22))


def test_a_script_too_busy_for_a_program_says_nothing_of_what_it_does_not_list() -> None:
    busy, other = list(range(20)), list(range(20, 26))
    rows = [[text_of({0: busy, 1: other})] * 2 + [text_of({0: [], 1: other})] for _ in range(4)]

    found = pending_transactions(table_of_texts(rows))

    assert _of(found, 3) == [1, 1, NOTHING]
    assert _of(found, 22) == [1, 1, 1]


def test_answers_that_are_not_all_the_same_are_marked() -> None:
    turns = [[[1], [1] if moment % 2 else []] for moment in range(8)]

    found = _seen([[*row, row[0]] for row in turns])

    assert found.wavering.tolist() == [[False, True, False]]
    assert found.seen.tolist() == [[1, NOTHING, 1]]


def test_a_transaction_of_two_scripts_is_one() -> None:
    row = [text_of({0: [1, 2], 3: [1, 4]}), text_of({0: [2], 3: [1]})]

    found = pending_transactions(table_of_texts([row] * 3))

    assert sorted(found.txids) == [TXIDS[1], TXIDS[2], TXIDS[4]]
    assert _of(found, 1) == [1, 1]  # under the script under which both list it
    assert _of(found, 4) == [1, 0]


def test_one_server_cannot_claim_transactions_for_another_script() -> None:
    row = [text_of({1: [1, 2]}), text_of({0: [1, 2]}), text_of({0: [2]}), text_of({0: [1, 2]})]

    found = pending_transactions(table_of_texts([row] * 3))

    assert _of(found, 1) == [NOTHING, 1, 0, 1]
    assert _of(found, 2) == [NOTHING, 1, 1, 1]


def test_one_server_that_never_forgets_does_not_make_the_others_waver() -> None:
    few, mined = [[1], [], [1], [1], [1], [1]], [[1], [], [], [], [], []]

    found = _seen([few] * 4 + [mined] * 6)

    assert found.seen.tolist() == [[1, 0, 1, 1, 1, 1]]
    assert not found.wavering.any()
    assert (found.first.tolist(), found.last.tolist()) == ([0], [3])


def test_a_watch_without_the_question_has_no_transactions() -> None:
    assert pending_transactions(table_of_texts([[None, None]] * 3)).seen.shape == (0, 2)
