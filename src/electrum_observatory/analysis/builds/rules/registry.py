"""All rules, by aspect."""

from electrum_observatory.analysis.builds.rules.arguments import ARGUMENT_RULES
from electrum_observatory.analysis.builds.rules.fees import FEE_RULES
from electrum_observatory.analysis.builds.rules.handshake import HANDSHAKE_RULES
from electrum_observatory.analysis.builds.rules.messages import MESSAGE_RULES
from electrum_observatory.analysis.builds.rules.methods import METHOD_RULES
from electrum_observatory.analysis.builds.rules.model import Rule
from electrum_observatory.analysis.builds.rules.results import RESULT_RULES
from electrum_observatory.analysis.builds.rules.wire import WIRE_RULES

RULES: tuple[Rule, ...] = (
    *WIRE_RULES,
    *HANDSHAKE_RULES,
    *MESSAGE_RULES,
    *ARGUMENT_RULES,
    *METHOD_RULES,
    *RESULT_RULES,
    *FEE_RULES,
)

BY_ASPECT = {rule.aspect: rule for rule in RULES}
"""Aspect → its rule."""

SPELLING = frozenset(
    rule.aspect for rule in (*WIRE_RULES, *RESULT_RULES) if rule in WIRE_RULES or rule.aspect.startswith("keys_")
)
"""Aspects that whoever parses and writes JSON anew changes; all others pass through him."""

_OPEN_KEYS = frozenset({"keys_in_headers", "keys_in_header_proof", "keys_in_features", "keys_in_mempool_info"})
_AGREED = frozenset({"agreed_up_to_1.5", "agreed_up_to_1.6", "agreed_up_to_1.7"})
CLOSED_VOCABULARY = (SPELLING - _OPEN_KEYS) | _AGREED
"""Aspects of which the reference knows every program's every value, so that a strange value excludes, too."""
