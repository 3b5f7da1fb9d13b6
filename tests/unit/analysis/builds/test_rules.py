"""Rules as statements about history: what a program stopped doing it does not do again, unless the source says so."""

import pytest

from electrum_observatory.analysis.builds.rules.model import Rule
from electrum_observatory.analysis.builds.rules.registry import BY_ASPECT, RULES
from electrum_observatory.analysis.builds.universe import TIMELINES

WENT_BACK = {
    ("handshake_1.6", "electrumx"),  # 1.18 loses its last words, 1.19 does not (§1.2)
    ("handshake_unsupported", "electrumx"),
    ("handshake_reversed", "electrumx"),
    ("handshake_number", "electrumx"),
    ("has_blockchain.transaction.broadcast_package_below_1.6", "electrumx"),  # gated again by 1.6 (§3.6)
    ("estimate_mode_lower", "electrumx"),  # any case before 1.16 and since October 2025 (§5.1)
    ("histogram_large_bins", "electrumx"),  # another rule's bins fit by chance before and after (§4.1)
}


def steps(rule: Rule, implementation: str) -> list[frozenset[str] | None]:
    """Return what a program shows from build to build, equal neighbours once."""
    shown: list[frozenset[str] | None] = []
    for build in TIMELINES[implementation]:
        values = rule.shows.get(build.build_id)
        if not shown or shown[-1] != values:
            shown.append(values)
    return shown


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.rule_id)
def test_no_program_goes_back_to_what_it_did_before(rule: Rule) -> None:
    for implementation in TIMELINES:
        shown = steps(rule, implementation)
        went_back = len(set(shown)) < len(shown)

        assert went_back is ((rule.rule_id, implementation) in WENT_BACK), implementation


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.rule_id)
def test_what_became_known_stays_known(rule: Rule) -> None:
    for implementation in TIMELINES:
        shown = steps(rule, implementation)

        assert None not in shown[1:], implementation


@pytest.mark.parametrize(
    ("aspect", "build", "values"),
    [
        ("handshake_named", "fulcrum-1.9.8", {"-32602 Named params are not supported for this method"}),
        ("has_blockchain.transaction.dsproof.list", "electrumx-1.17.0", {"absent"}),
        ("protocol_max", "electrumx-1.19.0", {"1.6.0"}),
        ("protocol_max", "electrumx-2.0.0", {"1.7.0"}),
        ("protocol_max", "fulcrum-2.1.0", {"1.6"}),
        ("agreed_up_to_1.6", "electrumx-git-2025-10-31", {"1.4.3"}),
        ("agreed_up_to_1.6", "fulcrum-1.9.7", {"1.5"}),
        ("agreed_up_to_1.7", "electrumx-git-2026-06-03", {"1.6.0"}),
        ("agreed_up_to_1.7", "electrumx-2.0.0", {"1.7"}),
        ("separators", "electrumx-1.16.0", {"spaced"}),
        ("separators", "electrumx-git-2022-01-28", {"compact"}),
        ("padding", "electrumx-1.17.0", {"never"}),
        ("padding", "electrumx-git-2025-05-29", {"padded"}),
        ("terminator", "fulcrum-1.0", {"crlf"}),
        ("position_result", "romanz_electrs-0.11.1", {"tx_hash"}),
        ("has_mempool.get_info_below_1.6", "fulcrum-2.1.0", {"result", "present", "stumbled"}),
        ("has_mempool.get_info_below_1.6", "fulcrum-2.0", {"absent"}),
        ("has_blockchain.scripthash.get_status", "fulcrum-2.1.1", {"result", "present", "stumbled"}),
        ("has_blockchain.scripthash.get_status", "fulcrum-2.1.0", {"absent"}),
        ("has_mempool.get_fee_histogram", "frigate-1.0.0", {"absent", "present", "stumbled"}),
        ("histogram_small_bins", "fulcrum-1.9.2", {"fit"}),
        ("histogram_carried_bins", "fulcrum-1.9.1", {"fit"}),
        ("peers_told", "romanz_electrs-0.10.0", {"none"}),
    ],
)
def test_cells_of_the_reference_that_no_recording_shows(aspect: str, build: str, values: set[str]) -> None:
    assert BY_ASPECT[aspect].shows[build] == values
