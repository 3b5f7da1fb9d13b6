"""Puts every question of the battery to a simulated server, each on a connection of its own."""

from collections.abc import Sequence

from electrum_observatory.lab.driving import Message, drive
from electrum_observatory.model.dialogue import Dialogue
from electrum_observatory.model.endpoint import Transport
from tests.lab.personality_worlds import start
from tests.servers.battery import BATTERY, MALFORMED, ROUTINE, Opening, Question, request, version

QUESTIONS = (*ROUTINE, *BATTERY, *MALFORMED)
_PING = Message(name="ping", sent=request("server.ping", [], number=99))


def interview(
    personality: str, *, transport: Transport = Transport.TCP, questions: Sequence[Question] = QUESTIONS
) -> list[Dialogue]:
    """Return one dialogue for each question."""
    program = start(personality)
    dialogues, at = [], 10.0
    for question in questions:
        opening = [] if question.opening is Opening.BARE else [Message(name="opening", sent=version(question.opening))]
        messages = [*opening, Message(name=question.name, sent=question.sent), _PING]
        dialogue, at = drive(program, messages, at=at + 1.0, transport=transport)
        dialogues.append(dialogue)
    return dialogues
