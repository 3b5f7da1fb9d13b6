"""Joins what the conversations say to the rows of ``fingerprints.csv``."""

from collections.abc import Mapping
from dataclasses import replace

from electrum_observatory.analysis.behaviour import EndpointBehaviour
from electrum_observatory.datasets.fingerprints import FingerprintRow


def with_behaviour(row: FingerprintRow, judged: Mapping[str, EndpointBehaviour]) -> FingerprintRow:
    """Return the row with what its endpoint's conversations say; as it is where nothing of them is known."""
    behaviour = judged.get(row.endpoint_id)
    if behaviour is None:
        return row
    found, prints, forms = behaviour.identification, behaviour.fingerprint, behaviour.forms
    return replace(
        row,
        balance_response=forms.balance,
        history_response=forms.history,
        rate_limit_triggered=forms.rate_limited,
        malformed_response=forms.malformed,
        fingerprint_hash=prints.behaviour,
        fingerprint_coverage=prints.coverage,
        operator_hash=prints.operator,
        implementation=found.implementation,
        version_min=found.version_min,
        version_max=found.version_max,
        builds=found.builds,
        claimed=None if found.claimed is None else found.claimed.text,
        confidence=round(found.confidence, 3),
        contradictions=tuple(one.contradiction_id for one in found.contradictions),
        decided_by=tuple(dict.fromkeys(one.rule for one in found.decided_by)),
    )
