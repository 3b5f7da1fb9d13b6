"""Every defence that a mutation run switches off, in one readable list.

Each is one small thing of the product, replaced by what a careless programmer might have written.
"""

from collections.abc import Mapping

from tests.hostile.dear_defences import DEAR_DEFENCES
from tests.hostile.defence import Defence
from tests.hostile.examination_defences import EXAMINATION_DEFENCES
from tests.hostile.line_defences import LINE_DEFENCES
from tests.hostile.message_defences import MESSAGE_DEFENCES
from tests.hostile.peer_defences import PEER_DEFENCES
from tests.hostile.tls_defences import TLS_DEFENCES
from tests.hostile.websocket_defences import WEBSOCKET_DEFENCES
from tests.hostile.wording_defences import WORDING_DEFENCES

_ALL: tuple[Defence, ...] = (
    *LINE_DEFENCES,
    *TLS_DEFENCES,
    *WEBSOCKET_DEFENCES,
    *MESSAGE_DEFENCES,
    *DEAR_DEFENCES,
    *PEER_DEFENCES,
    *WORDING_DEFENCES,
    *EXAMINATION_DEFENCES,
)

DEFENCES: Mapping[str, Defence] = {defence.id: defence for defence in _ALL}
"""Every defence, by id."""


def switch_off(defence: str) -> None:
    """Switch one off in this process, for good. Raises KeyError where there is none of that id."""
    DEFENCES[defence].switch_off()
