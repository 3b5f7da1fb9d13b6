"""Every hostile server that the lab can play, in one readable list; each family of acts has a file of its own."""

from collections.abc import Mapping
from types import MappingProxyType

from electrum_observatory.lab.hostile.base import HostileAct
from electrum_observatory.lab.hostile.dear import DEAR_ACTS
from electrum_observatory.lab.hostile.endings import ENDING_ACTS
from electrum_observatory.lab.hostile.examinations import EXAMINATION_ACTS
from electrum_observatory.lab.hostile.lines import LINE_ACTS
from electrum_observatory.lab.hostile.messages import MESSAGE_ACTS
from electrum_observatory.lab.hostile.other_services import OTHER_SERVICE_ACTS
from electrum_observatory.lab.hostile.peers import PEER_ACTS
from electrum_observatory.lab.hostile.tls import TLS_ACTS
from electrum_observatory.lab.hostile.websocket import WEBSOCKET_ACTS
from electrum_observatory.lab.hostile.wording import WORDING_ACTS
from electrum_observatory.lab.programs import HOSTILE_PREFIX

_ALL: tuple[HostileAct, ...] = (
    *LINE_ACTS,
    *ENDING_ACTS,
    *TLS_ACTS,
    *OTHER_SERVICE_ACTS,
    *WEBSOCKET_ACTS,
    *MESSAGE_ACTS,
    *DEAR_ACTS,
    *PEER_ACTS,
    *WORDING_ACTS,
    *EXAMINATION_ACTS,
)

HOSTILE: Mapping[str, HostileAct] = MappingProxyType({act.id: act for act in _ALL})
"""Every act, by id."""


def act_of(personality: str) -> HostileAct | None:
    """Return the act that a world file's ``hostile_<id>`` names; None for an honest program or an unknown act."""
    return HOSTILE.get(personality.removeprefix(HOSTILE_PREFIX)) if personality.startswith(HOSTILE_PREFIX) else None
