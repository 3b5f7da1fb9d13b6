"""Errs in another program's words, as an emulator does that copies the handshake of one and the errors of another."""

from electrum_observatory.lab.chance import stream
from electrum_observatory.lab.mutators.base import Mutator, MutatorKind, Place, Question, Visit
from electrum_observatory.lab.mutators.handwriting import read
from electrum_observatory.lab.personalities.base import Send
from electrum_observatory.lab.personalities.registry import PERSONALITIES
from electrum_observatory.model.endpoint import Transport
from electrum_observatory.model.observation import Json

_HELLO = b'{"jsonrpc":"2.0","id":"hello","method":"server.version","params":["","1.4"]}\n'
_PATIENCE_S = 1.0
"""What the disk or a node must be asked for comes a little later."""


class ForeignErrorTexts(Mutator):
    """Asks a program of another family what it would say, and says that."""

    def __init__(self, place: Place) -> None:
        """Take the server that is modified."""
        super().__init__(place)
        other = PERSONALITIES["fulcrum_2" if place.personality.startswith("electrumx") else "electrumx_1_16_git"]
        self._other = other.start(
            version=other.default_version,
            state=place.state,
            started_at=0.0,
            rng=stream(place.seed, "foreign", place.machine),
        )

    def answer(self, question: Question, reply: dict[str, Json], visit: Visit) -> dict[str, Json]:  # noqa: ARG002
        """Put the other program's error in place of this one's, if both err."""
        if reply.get("error") is None or not self.place.hits("error", question.key):
            return reply
        error = self._others_error(question)
        return reply if error is None else {**reply, "error": error}

    def _others_error(self, question: Question) -> Json:
        conversation = self._other.connect(Transport.TCP)
        conversation.receive(_HELLO, question.at)
        actions = list(conversation.receive(question.line, question.at))
        while not actions and (wake := conversation.next_wake) is not None and wake < question.at + _PATIENCE_S:
            actions += conversation.wake(wake)
        said = [action.data for action in actions if isinstance(action, Send)]
        answered = read(said[0]) if said else None
        return answered.get("error") if isinstance(answered, dict) else None


KIND = MutatorKind(
    id="foreign_error_texts",
    summary="Gives the error texts of another program: ElectrumX's, or Fulcrum's where it runs ElectrumX.",
    dose_is="Share of the questions whose error it replaces.",
    make=ForeignErrorTexts,
)
