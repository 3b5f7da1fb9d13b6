"""Arguments that are neither a list nor an object."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group, Step, Subject, spell
from electrum_observatory.scanner.costs import ProbeCost


@dataclass(frozen=True, slots=True, kw_only=True)
class ParametersOfOtherTypesProbe(BehaviourProbe):
    """Asks ``server.banner`` with text, a number and null for arguments."""

    id: ClassVar[str] = "parameters_of_other_types"
    group: ClassVar[Group] = Group.MALFORMED
    cost: ClassVar[ProbeCost] = ProbeCost(requests=3, errors=3, pings=1, may_close=True)
    first_id: ClassVar[int] = 1470

    def steps(self, subject: Subject) -> Sequence[Step]:  # noqa: ARG002
        """Return the messages, in order."""
        kinds = (("text", '"x"'), ("number", "5"), ("null", "null"))
        return [
            spell(
                f'{{"jsonrpc":"2.0","id":{self.first_id + place},"method":"server.banner","params":{params}}}',
                name=name,
                request_id=self.first_id + place,
            )
            for place, (name, params) in enumerate(kinds)
        ]
