"""The forms of a server's answers to questions about scripts and to malformed ones: the promised columns of the table.

A form is short text: the keys of a result in their order, "error" with code and words and echoes taken out, "silent"
or "closed". Numbers, hashes and addresses never enter it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from electrum_observatory.analysis.builds.aspects.outcome import CLOSED, RESULT, SILENT, outcome
from electrum_observatory.analysis.builds.turns import Conversation, Turn, read_turns
from electrum_observatory.model.dialogue import Dialogue

_HEX = frozenset("0123456789abcdef")
_SCRIPTHASH_DIGITS = 64
_KNOWN_ROOTS = ("server.", "blockchain.", "mempool.", "daemon.")
_MOST_CHARACTERS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerForms:
    """Forms of answers; None where the question was not put or not answered.

    Attributes:
        balance: To ``blockchain.scripthash.get_balance`` of a well-formed script hash.
        history: To ``blockchain.scripthash.get_history`` of a well-formed script hash.
        malformed: To a method that no program has.
        rate_limited: Whether a reply said that we asked too much.
    """

    balance: str | None = None
    history: str | None = None
    malformed: str | None = None
    rate_limited: bool | None = None


def answer_forms(dialogues: Sequence[Dialogue]) -> AnswerForms:
    """Read the forms off the conversations with one server. Several forms of one answer are joined by " | "."""
    return answer_forms_of([read_turns(dialogue) for dialogue in dialogues])


def answer_forms_of(conversations: Sequence[Conversation]) -> AnswerForms:
    """Do the same from conversations that were read before."""
    turns = [turn for conversation in conversations for turn in conversation.turns]
    return AnswerForms(
        balance=_joined(_forms(turns, lambda turn: _asks(turn, "blockchain.scripthash.get_balance"))),
        history=_joined(_forms(turns, lambda turn: _asks(turn, "blockchain.scripthash.get_history"))),
        malformed=_joined(_forms(turns, _asks_the_unknown)),
        rate_limited=any(map(_says_too_much, turns)) if turns else None,
    )


def _forms(turns: Iterable[Turn], asked: Callable[[Turn], bool]) -> Iterator[str]:
    for turn in turns:
        if asked(turn) and (taken := outcome(turn)) is not None:
            yield _form(taken, turn)


def _form(taken: str, turn: Turn) -> str:
    if taken == RESULT and turn.reply is not None:
        return _result_form(turn.reply.value["result"])
    return taken if taken in (SILENT, CLOSED, "batch") else f"error {taken}"


def _result_form(result: Any) -> str:
    """Return the keys of an object, or of the entries of a list; an empty list says nothing of them."""
    if isinstance(result, dict):
        return ",".join(result)
    if isinstance(result, list):
        keys = {",".join(entry) for entry in result if isinstance(entry, dict)}
        return "; ".join(["list", *sorted(keys)]) if keys else "list"
    return "null" if result is None else type(result).__name__


def _joined(forms: Iterator[str]) -> str | None:
    """Join the forms, leaving a bare list out beside one whose entries were seen."""
    found = set(forms)
    if any(form.startswith("list;") for form in found):
        found.discard("list")
    return " | ".join(sorted(found))[:_MOST_CHARACTERS] or None


def _asks(turn: Turn, method: str) -> bool:
    params = turn.request.params
    if turn.request.method != method or not isinstance(params, list) or len(params) != 1:
        return False
    script = params[0]
    return isinstance(script, str) and len(script) == _SCRIPTHASH_DIGITS and _HEX.issuperset(script)


def _asks_the_unknown(turn: Turn) -> bool:
    method = turn.request.method
    return turn.request.plain and bool(method) and not str(method).startswith(_KNOWN_ROOTS)


def _says_too_much(turn: Turn) -> bool:
    error = turn.reply.value.get("error") if turn.reply is not None and isinstance(turn.reply.value, dict) else None
    if not isinstance(error, dict):
        return False
    code = error.get("code")
    return (type(code) is int and code in _TOO_MUCH_CODES) or "excessive" in str(error.get("message"))


_TOO_MUCH_CODES = frozenset({-101, -102})
"""Excessive resource usage, and server busy: aiorpcX ``rpc/session.py``; Fulcrum answers with the same words."""
