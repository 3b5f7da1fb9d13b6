"""What one server was asked in one round, and what came of it so far."""

from collections.abc import Callable, Collection, Mapping, Sequence

from electrum_observatory.model.failure import Failure
from electrum_observatory.model.watch import Answer, Question
from electrum_observatory.net.connection import ReceivedLine
from electrum_observatory.protocol.dialect import unpad
from electrum_observatory.protocol.messages import Reply
from electrum_observatory.scanner.watching.availability import says_full

_NEWLINE = b"\n"


class Asked:
    """Collects the replies to the questions of a round.

    A question is answered once all its requests are. Nothing is taken once the round is closed.

    Attributes:
        sent_ns: When the questions left; monotonic.
        heard_ns: When the server's latest line before them came.
        first_ns: When the first reply came; None before.
        last_ns: When the last reply so far came; None before.
        replies: How many came.
        full: Whether all that came said that we have used up what the server gives. Replies on pending transactions do
            not count: they cost more than all else, and a server may refuse them alone.
        failure: What ended the connection before all was answered; None otherwise.
    """

    __slots__ = (
        "_done",
        "_judged",
        "_lines",
        "_missing",
        "_open",
        "failure",
        "first_ns",
        "full",
        "heard_ns",
        "last_ns",
        "replies",
        "sent_ns",
    )

    def __init__(
        self,
        questions: Mapping[Question, Collection[int]],
        *,
        sent_ns: int,
        heard_ns: int,
        done: Callable[[], None],
    ) -> None:
        """Take the request ids of each question, when they left, when the server was heard last, and whom to tell.

        ``done`` is called once nothing more is expected.
        """
        self.sent_ns = sent_ns
        self.heard_ns = heard_ns
        self.first_ns: int | None = None
        self.last_ns: int | None = None
        self.replies = 0
        self.full = False
        self.failure: Failure | None = None
        self._done = done
        self._open = True
        self._judged = False
        self._lines: dict[Question, dict[int, ReceivedLine | None]] = {
            question: dict.fromkeys(request_ids) for question, request_ids in questions.items()
        }
        self._missing = sum(map(len, self._lines.values()))

    def take(self, question: Question, request_id: int, reply: Reply, line: ReceivedLine) -> None:
        """Take a reply; one that comes after the end of the round answers nothing."""
        if not self._open:
            return
        self._lines[question][request_id] = line
        self.replies += 1
        if question is not Question.PENDING:
            self.full = says_full(reply.error) and (self.full or not self._judged)
            self._judged = True
        self.last_ns = line.received_monotonic_ns
        if self.first_ns is None:
            self.first_ns = self.last_ns
        self._missing -= 1
        if not self._missing:
            self._end()

    def broke(self, failure: Failure) -> None:
        """Note that the connection ended."""
        if self._open:
            self.failure = failure
            self._end()

    def close(self) -> None:
        """Take nothing more: the round is over."""
        self._open = False

    def stamps(self) -> Collection[int]:
        """Return the distinct monotonic instants at which replies came."""
        return {line.received_monotonic_ns for lines in self._lines.values() for line in lines.values() if line}

    def answers(self) -> Mapping[Question, Answer]:
        """Return what was answered in whole.

        Replies over WebSocket bring no terminator; they are given the usual one, so that lines can be told apart.
        """
        answers: dict[Question, Answer] = {}
        for question, lines in self._lines.items():
            came = [line for line in lines.values() if line is not None]
            if len(came) == len(lines):
                answers[question] = _answer(came, self.sent_ns)
        return answers

    def _end(self) -> None:
        self._open = False
        self._done()


def _answer(lines: Sequence[ReceivedLine], sent_ns: int) -> Answer:
    plain = [unpad(line.data).line for line in lines]
    data = b"".join(one if one.endswith(_NEWLINE) else one + _NEWLINE for one in plain)
    return Answer(data=data, after_us=(max(line.received_monotonic_ns for line in lines) - sent_ns) // 1_000)
