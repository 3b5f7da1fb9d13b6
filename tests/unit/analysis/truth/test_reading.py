"""From conversations to answers: what is a question, and which reply is its own."""

from electrum_observatory.analysis.truth.finding import KINDS, Quote, Severity, finding, flags, merged
from electrum_observatory.analysis.truth.reading import Heard, heard_of, read_answers
from electrum_observatory.model.dialogue import Dialogue, Exchange, Line
from electrum_observatory.model.endpoint import Transport
from tests.factories import STARTED_AT_US, make_observation, make_witness


def exchange(name: str, sent: str, *lines: str) -> Exchange:
    return Exchange(name=name, sent=sent.encode(), lines=tuple(Line(data=line.encode()) for line in lines))


def answers(*exchanges: Exchange) -> list[tuple[str, object, str]]:
    dialogue = Dialogue(transport=Transport.TCP, exchanges=exchanges)
    heard = Heard(server="s", visit="v", at_s=5.0, dialogue=dialogue)
    return [(one.method, one.result, one.quote.exchange) for one in read_answers([heard])]


ASK_1 = '{"jsonrpc":"2.0","id":1,"method":"a","params":[7]}\n'
ASK_2 = '{"jsonrpc":"2.0","id":2,"method":"b"}\n'


def test_replies_find_their_questions_in_whatever_order_they_came() -> None:
    first = exchange("one", ASK_1, '{"id":2,"jsonrpc":"2.0","result":"B"}\r\n')
    second = exchange("two", ASK_2, '{"jsonrpc":"2.0","result":"A","id":1}\n')

    assert answers(first, second) == [("a", "A", "two"), ("b", "B", "one")]


def test_a_notification_is_nobodys_answer() -> None:
    news = '{"jsonrpc":"2.0","method":"blockchain.headers.subscribe","params":[{"height":3,"hex":""}]}\n'

    assert answers(exchange("one", ASK_1, news, '{"jsonrpc":"2.0","result":"A","id":1}\n')) == [("a", "A", "one")]


def test_what_was_answered_twice_is_in_doubt_and_left_out() -> None:
    twice = exchange("one", ASK_1, '{"result":"A","id":1}\n', '{"result":"X","id":1}\n')

    assert answers(twice, exchange("two", ASK_2, '{"result":"B","id":2}\n')) == [("b", "B", "two")]


def test_questions_about_manners_are_left_out() -> None:
    reply = '{"jsonrpc":"2.0","result":null,"id":1}\n'
    odd = (
        '{"jsonrpc":"2.0","id":1.0,"method":"a","params":[]}\n',
        '{"jsonrpc":"2.0","id":true,"method":"a","params":[]}\n',
        '{"jsonrpc":"2.0","id":1,"method":"a","params":{"x":1}}\n',
        '{"jsonrpc":"2.0","id":1,"params":[]}\n',
        '[{"jsonrpc":"2.0","id":1,"method":"a"}]\n',
        "hello there\n",
        "",
        ASK_1 + ASK_2,
    )

    assert [answers(exchange("odd", sent, reply)) for sent in odd] == [[]] * len(odd)


def test_visits_of_a_campaign_have_their_own_times() -> None:
    reply = make_witness(label="0.0", data=b'{"result":"A","id":1}\n')
    told = {
        "visit": 2,
        "connection": 0,
        "place": 0,
        "exchanges": [
            {"name": "asked", "sent": ASK_1, "sent_base64": False, "lines": ["0.0"], "after_ms": [1.0], "closed": False}
        ],
    }
    later = make_observation("asked", told, witnesses=[reply], started_at_us=STARTED_AT_US + 1_200_000_000)
    banner = make_observation(
        "banner", {"text": "x"}, witnesses=[make_witness(label="40", data=b'{"result":"x","id":40}\n')]
    )

    heard = heard_of([later, banner], server="s", client_name="us")

    assert [(one.visit.partition("#")[2], one.at_s) for one in heard] == [
        ("0", STARTED_AT_US / 1e6),
        ("2", STARTED_AT_US / 1e6 + 1200),
    ]
    assert [(one.method, one.result) for one in read_answers(heard)] == [("server.banner", "x"), ("a", "A")]


def test_what_is_found_again_is_one_finding_with_all_its_witnesses() -> None:
    quotes = [Quote(server="s", exchange=f"e{n}", line=b"") for n in range(3)]
    again = [finding("tip_lags", "s", "behind", [quote]) for quote in (*quotes, quotes[0])]

    assert [one.witnesses for one in merged(again)] == [tuple(quotes)]


def test_a_want_of_data_is_no_flag() -> None:
    everything = [finding(identity, "s", "", ()) for identity in KINDS]

    assert {one.severity for one in everything} - {one.severity for one in flags(everything)} == {Severity.INSUFFICIENT}
    assert all(one.innocent for one in everything)


def test_lines_that_many_say_alike_are_kept_once_and_lists_of_peers_not_at_all() -> None:
    def heard(server: str) -> Heard:
        said = exchange("one", ASK_1, '{"jsonrpc":"2.0","result":"A","id":1}\n')
        asked = '{"jsonrpc":"2.0","id":3,"method":"server.peers.subscribe","params":[]}\n'
        peers = exchange("peers", asked, '{"jsonrpc":"2.0","result":[],"id":3}\n')
        return Heard(
            server=server, visit="v", at_s=5.0, dialogue=Dialogue(transport=Transport.TCP, exchanges=(said, peers))
        )

    one, other = read_answers([heard("s"), heard("t")])

    assert (one.quote.line, one.sent) == (other.quote.line, other.sent)
    assert one.quote.line is other.quote.line
    assert one.sent is other.sent
