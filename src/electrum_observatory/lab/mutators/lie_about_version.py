"""Calls itself another program, wherever its name occurs: the handshake, the features, the banner."""

from electrum_observatory.lab.chance import stream, uniform
from electrum_observatory.lab.mutators.base import Mutator, MutatorKind, Place, Question, Visit
from electrum_observatory.model.observation import Json

_NAMES = ("ElectrumX 1.16.0", "ElectrumX 1.20.0", "Fulcrum 1.9.1", "Fulcrum 2.1.0", "electrs/0.10.5")


class LieAboutVersion(Mutator):
    """Learns its true name from the program's own handshake and replaces it from then on."""

    def __init__(self, place: Place) -> None:
        """Take the server that is modified."""
        super().__init__(place)
        self._true = ""
        self._false = ""

    def answer(self, question: Question, reply: dict[str, Json], visit: Visit) -> dict[str, Json]:
        """Learn the name; in a banner of the operator's own, replace the bare number too."""
        result = reply.get("result")
        if question.method == "server.version" and isinstance(result, list) and isinstance(result[0], str):
            self._learn(result[0])
        if question.method == "server.banner" and isinstance(result, str) and self._lies(visit):
            told = result.replace(self._true, self._false).replace(_number(self._true), _number(self._false))
            return reply if told == result else {**reply, "result": told}
        return reply

    def text(self, line: bytes, visit: Visit) -> bytes:
        """Replace the name in whatever is said."""
        return line.replace(self._true.encode(), self._false.encode()) if self._lies(visit) else line

    def _learn(self, name: str) -> None:
        self._true = name
        others = [one for one in _NAMES if one[:7] != name[:7]]
        self._false = self.place.text or stream(self.place.seed, "lie", self.place.machine).choice(others)

    def _lies(self, visit: Visit) -> bool:
        place = self.place
        return bool(self._true) and uniform(place.seed, "lie", place.machine, visit.number) < place.dose


def _number(name: str) -> str:
    return name.replace("/", " ").split(" ")[-1]


KIND = MutatorKind(
    id="lie_about_version",
    summary="Calls itself another program in handshake, features and banner (`text` says which).",
    dose_is="Share of the connections on which it does.",
    make=LieAboutVersion,
)
