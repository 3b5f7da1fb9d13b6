"""Forms of answers: keys and words, never numbers or hashes."""

import json
from typing import Any

from electrum_observatory.analysis.answer_forms import AnswerForms, answer_forms
from electrum_observatory.model.dialogue import Dialogue, Exchange, Line
from electrum_observatory.model.endpoint import Transport

SCRIPT = "ab" * 32
ENTRY = {"tx_hash": "cd" * 32, "height": 7}


def asked(method: str, params: list[Any], **reply: Any) -> Exchange:
    sent = json.dumps({"jsonrpc": "2.0", "id": 7, "method": method, "params": params}).encode() + b"\n"
    line = json.dumps({"jsonrpc": "2.0", "id": 7, **reply}).encode() + b"\n"
    return Exchange(name=method, sent=sent, lines=(Line(data=line),))


def forms(*exchanges: Exchange) -> AnswerForms:
    return answer_forms([Dialogue(transport=Transport.TCP, exchanges=exchanges)])


def test_results_are_told_by_their_keys_in_order() -> None:
    balance = asked("blockchain.scripthash.get_balance", [SCRIPT], result={"confirmed": 5, "unconfirmed": 0})
    empty = asked("blockchain.scripthash.get_history", ["ef" * 32], result=[])
    history = asked("blockchain.scripthash.get_history", [SCRIPT], result=[ENTRY, ENTRY])

    assert forms(balance, empty, history) == AnswerForms(
        balance="confirmed,unconfirmed", history="list; tx_hash,height", rate_limited=False
    )


def test_an_empty_history_is_a_list_and_nothing_more_is_said() -> None:
    assert forms(asked("blockchain.scripthash.get_history", [SCRIPT], result=[])).history == "list"


def test_errors_are_told_by_code_and_words_without_echo() -> None:
    refused = asked("no.such", [], error={"code": -32601, "message": 'unknown method "no.such"'})

    assert forms(refused).malformed == 'error -32601 unknown method "M"'


def test_a_malformed_script_hash_is_no_question_about_a_balance() -> None:
    refused = asked("blockchain.scripthash.get_balance", ["zz"], error={"code": 1, "message": "bad"})

    assert forms(refused).balance is None


def test_asking_too_much_is_noted_and_is_no_form() -> None:
    busy = asked(
        "blockchain.scripthash.get_balance", [SCRIPT], error={"code": -101, "message": "excessive resource usage"}
    )

    assert forms(busy) == AnswerForms(rate_limited=True)


def test_without_conversations_nothing_is_said() -> None:
    assert answer_forms([]) == AnswerForms()
