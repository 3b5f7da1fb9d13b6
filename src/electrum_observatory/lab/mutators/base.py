"""What a mutator is: one way in which a server can differ from the program that it runs, and by how much.

A *modified server* bends what its program knows (``state``) or what it says (``answer``, ``text``); the program's own
handwriting and padding stay. A *relay* stands in front and may write everything anew. Mutators have no clock and no
chance of their own: the same server, seed and question always meet the same treatment.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from electrum_observatory.lab.chance import uniform
from electrum_observatory.lab.personalities.base import StateSource
from electrum_observatory.lab.state import ServerState
from electrum_observatory.model.observation import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One request as a server reads it.

    Attributes:
        request_id: Its id; None where it has none.
        method: Its method; "" where it names none.
        params: Its parameters; empty where they are not a list.
        line: The bytes as they came.
        at: World time at which they came.
    """

    request_id: Json
    method: str
    params: Sequence[Json]
    line: bytes
    at: float

    @property
    def key(self) -> str:
        """Equal for equal questions."""
        return f"{self.method}{list(self.params)}"


@dataclass(slots=True, kw_only=True)
class Visit:
    """What a server knows of one connection.

    Attributes:
        number: How many connections its process had before.
        client: The name that the client gave; "" before it gave one.
        questions: What was asked on it, oldest first.
        marks: What mutators have made up their minds about.
    """

    number: int
    client: str = ""
    questions: list[Question] = field(default_factory=list)
    marks: set[str] = field(default_factory=set)

    def note(self, question: Question) -> None:
        """Remember a question."""
        self.questions.append(question)
        if question.method == "server.version" and question.params:
            self.client = str(question.params[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The server that is modified.

    Attributes:
        seed: The world's chance.
        machine: Its id.
        personality: Id of the program that it runs.
        state: What that program would know.
        dose: How much of the lie there is, 0 to 1; each mutator says what that means.
        text: What a mutator that says something says; None for its own words.
    """

    seed: int
    machine: str
    personality: str
    state: StateSource
    dose: float
    text: str | None = None

    def hits(self, *names: object) -> bool:
        """Whether this thing is among the share ``dose`` of all; always the same for the same names."""
        return self.dose > 0 and uniform(self.seed, "modified", self.machine, *names) < self.dose


class Mutator:
    """One modification of one running server. This one changes nothing; others override what they change."""

    def __init__(self, place: Place) -> None:
        """Take the server that is modified."""
        self.place = place

    def state(self, state: ServerState, at: float) -> ServerState:  # noqa: ARG002
        """Bend what the program knows at a world time."""
        return state

    def rewrites(self, visit: Visit) -> bool:  # noqa: ARG002
        """Say whether every line is written anew, so that the program's padding and line ends are lost."""
        return False

    def delay_s(self, question: Question, visit: Visit) -> float:  # noqa: ARG002
        """Say how much later a question reaches the program."""
        return 0.0

    def answer(self, question: Question, reply: dict[str, Json], visit: Visit) -> dict[str, Json]:  # noqa: ARG002
        """Return a reply to a request as it leaves; the very same object where nothing is altered."""
        return reply

    def text(self, line: bytes, visit: Visit) -> bytes:  # noqa: ARG002
        """Return the bytes of a line, without padding and terminator, as they leave."""
        return line


@dataclass(frozen=True, slots=True, kw_only=True)
class MutatorKind:
    """A mutator as world files name it.

    Attributes:
        id: Stable name in snake_case.
        summary: What it does.
        dose_is: What the dose measures.
        make: Makes it for one server.
    """

    id: str
    summary: str
    dose_is: str
    make: Callable[[Place], Mutator]
