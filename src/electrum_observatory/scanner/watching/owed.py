"""What one connection was asked in rounds and still owes.

Request ids are fixed, so a reply to an earlier round looks like one to this round. Therefore an id is owed from the
moment it is asked until it is answered, whenever that is: while a question has an id that is owed, it is not asked
again on this connection, and what comes late is dropped with the round that it belonged to.
"""

import functools
from collections.abc import Callable, Mapping, Sequence

from electrum_observatory.model.failure import Failure
from electrum_observatory.model.watch import Question
from electrum_observatory.net.connection import ReceivedLine
from electrum_observatory.protocol.messages import Reply, encode_request
from electrum_observatory.protocol.watch_questions import requests_of
from electrum_observatory.scanner.watching.asked import Asked


class Owed:
    """The questions of a connection's rounds.

    Attributes:
        asked: What the round that is under way asks; None between rounds.
    """

    __slots__ = ("_by_id", "asked")

    def __init__(self) -> None:
        self.asked: Asked | None = None
        self._by_id: dict[int, tuple[Asked, Question]] = {}

    def begin(
        self,
        questions: Sequence[Question],
        protocol: str,
        scripts: tuple[str, ...],
        *,
        sent_ns: int,
        heard_ns: int,
        done: Callable[[], None],
    ) -> tuple[Asked, Sequence[bytes]] | None:
        """Begin a round with the questions that owe nothing; None where all of them do.

        Args:
            questions: What to ask.
            protocol: The negotiated version, which decides the spelling.
            scripts: For which scripts to ask what is pending.
            sent_ns: When they leave, monotonic.
            heard_ns: When the server was last heard.
            done: Called once nothing more is expected.

        Returns:
            What is asked, and the lines that ask it.
        """
        wanted = _spelled(tuple(questions), protocol, scripts)
        lines = {question: some for question, some in wanted.items() if not any(one in self._by_id for one in some)}
        if not lines:
            return None
        self.asked = Asked(lines, sent_ns=sent_ns, heard_ns=heard_ns, done=done)
        for question, some in lines.items():
            self._by_id |= dict.fromkeys(some, (self.asked, question))
        return self.asked, [line for some in lines.values() for line in some.values()]

    def take(self, request_id: int, reply: Reply, line: ReceivedLine) -> bool:
        """Take a reply to a question; say whether it was one."""
        if request_id not in self._by_id:
            return False
        asked, question = self._by_id.pop(request_id)
        asked.take(question, request_id, reply, line)
        return True

    def close(self) -> None:
        """End the round."""
        if self.asked is not None:
            self.asked.close()
            self.asked = None

    def broke(self, failure: Failure) -> None:
        """Tell the round that is under way that the connection ended."""
        if self.asked is not None:
            self.asked.broke(failure)


@functools.lru_cache(maxsize=64)  # programs speak a handful of versions, and a thousand servers are asked at once
def _spelled(
    questions: tuple[Question, ...], protocol: str, scripts: tuple[str, ...]
) -> Mapping[Question, Mapping[int, bytes]]:
    """Return the lines that ask each question, by request id."""
    return {
        question: {
            one.request_id: encode_request(one.request_id, one.method, one.params)
            for one in requests_of(question, protocol, scripts)
        }
        for question in questions
    }
