"""Every case, in one readable list; each family of acts has a file of its own."""

from collections.abc import Mapping

from tests.hostile.case import Case
from tests.hostile.dear_cases import DEAR_CASES
from tests.hostile.ending_cases import ENDING_CASES
from tests.hostile.examination_cases import EXAMINATION_CASES
from tests.hostile.line_cases import LINE_CASES
from tests.hostile.message_cases import MESSAGE_CASES
from tests.hostile.peer_cases import PEER_CASES
from tests.hostile.tls_cases import TLS_CASES
from tests.hostile.websocket_cases import WEBSOCKET_CASES
from tests.hostile.wording_cases import WORDING_CASES

_ALL: tuple[Case, ...] = (
    *LINE_CASES,
    *ENDING_CASES,
    *TLS_CASES,
    *WEBSOCKET_CASES,
    *MESSAGE_CASES,
    *DEAR_CASES,
    *PEER_CASES,
    *WORDING_CASES,
    *EXAMINATION_CASES,
)

CASES: Mapping[str, Case] = {case.act: case for case in _ALL}
"""The case of each act."""
