"""Every probe, in the order in which questions of one phase are sent.

The order is kind to servers and to us: questions that no program minds come first, so that the possible errors stand
between good requests (Fulcrum drops a client at ten net errors), and the two on which old esplora builds close the
connection come last, so that a close costs nothing else.
"""

from collections.abc import Collection, Sequence
from typing import Any

from electrum_observatory.scanner.behaviour import BehaviourProbe, Group
from electrum_observatory.scanner.probes import connection, opening, treatment
from electrum_observatory.scanner.probes.address_balance import AddressBalanceProbe
from electrum_observatory.scanner.probes.address_history import AddressHistoryProbe
from electrum_observatory.scanner.probes.address_kinds_balance import AddressKindsBalanceProbe
from electrum_observatory.scanner.probes.address_kinds_history import AddressKindsHistoryProbe
from electrum_observatory.scanner.probes.banner import BannerProbe
from electrum_observatory.scanner.probes.base import AnyProbe
from electrum_observatory.scanner.probes.batch_of_two_pings import BatchOfTwoPingsProbe
from electrum_observatory.scanner.probes.batch_with_a_bad_element import BatchWithABadElementProbe
from electrum_observatory.scanner.probes.burst_of_twenty import BurstOfTwentyProbe
from electrum_observatory.scanner.probes.chain_tip import ChainTipProbe
from electrum_observatory.scanner.probes.donation_address import DonationAddressProbe
from electrum_observatory.scanner.probes.empty_batch import EmptyBatchProbe
from electrum_observatory.scanner.probes.estimate_beyond_limit import EstimateBeyondLimitProbe
from electrum_observatory.scanner.probes.estimate_mode_junk import EstimateModeJunkProbe
from electrum_observatory.scanner.probes.estimate_mode_lower_case import EstimateModeLowerCaseProbe
from electrum_observatory.scanner.probes.estimate_modes import EstimateModesProbe
from electrum_observatory.scanner.probes.estimate_target_26 import EstimateTarget26Probe
from electrum_observatory.scanner.probes.estimate_target_zero import EstimateTargetZeroProbe
from electrum_observatory.scanner.probes.features import FeaturesProbe
from electrum_observatory.scanner.probes.fee_estimates import FeeEstimatesProbe
from electrum_observatory.scanner.probes.fee_histogram import FeeHistogramProbe
from electrum_observatory.scanner.probes.first_headers import FirstHeadersProbe
from electrum_observatory.scanner.probes.first_message_of_1_0 import FirstMessageOf10Probe
from electrum_observatory.scanner.probes.genesis import GenesisProbe
from electrum_observatory.scanner.probes.header_beyond_32_bits import HeaderBeyond32BitsProbe
from electrum_observatory.scanner.probes.header_beyond_tip import HeaderBeyondTipProbe
from electrum_observatory.scanner.probes.header_proof import HeaderProofProbe
from electrum_observatory.scanner.probes.headers_at_splits import HeadersAtSplitsProbe
from electrum_observatory.scanner.probes.headers_in_a_row import HeadersInARowProbe
from electrum_observatory.scanner.probes.headers_with_checkpoint import HeadersWithCheckpointProbe
from electrum_observatory.scanner.probes.height_oddities import HeightOdditiesProbe
from electrum_observatory.scanner.probes.latency import DEFAULT_PINGS, LatencyProbe
from electrum_observatory.scanner.probes.malformed_address import MalformedAddressProbe
from electrum_observatory.scanner.probes.mempool_info import MempoolInfoProbe
from electrum_observatory.scanner.probes.mempool_info_anyhow import MempoolInfoAnyhowProbe
from electrum_observatory.scanner.probes.method_oddities import MethodOdditiesProbe
from electrum_observatory.scanner.probes.methods_of_later_releases import MethodsOfLaterReleasesProbe
from electrum_observatory.scanner.probes.methods_of_the_past import MethodsOfThePastProbe
from electrum_observatory.scanner.probes.missing_transaction import MissingTransactionProbe
from electrum_observatory.scanner.probes.named_parameters import NamedParametersProbe
from electrum_observatory.scanner.probes.not_json import NotJsonProbe
from electrum_observatory.scanner.probes.parameters_of_other_types import ParametersOfOtherTypesProbe
from electrum_observatory.scanner.probes.peers import PeersProbe
from electrum_observatory.scanner.probes.ping_with_argument import PingWithArgumentProbe
from electrum_observatory.scanner.probes.ping_with_extra_key import PingWithExtraKeyProbe
from electrum_observatory.scanner.probes.ping_with_float_id import PingWithFloatIdProbe
from electrum_observatory.scanner.probes.ping_with_id_twice import PingWithIdTwiceProbe
from electrum_observatory.scanner.probes.ping_with_null_id import PingWithNullIdProbe
from electrum_observatory.scanner.probes.ping_with_odd_ids import PingWithOddIdsProbe
from electrum_observatory.scanner.probes.ping_with_plain_ids import PingWithPlainIdsProbe
from electrum_observatory.scanner.probes.ping_with_unicode_id import PingWithUnicodeIdProbe
from electrum_observatory.scanner.probes.ping_without_id import PingWithoutIdProbe
from electrum_observatory.scanner.probes.ping_without_jsonrpc import PingWithoutJsonrpcProbe
from electrum_observatory.scanner.probes.rate_limit import RateLimitProbe
from electrum_observatory.scanner.probes.relay_fee import RelayFeeProbe
from electrum_observatory.scanner.probes.relay_fee_at_1_4 import RelayFeeAt14Probe
from electrum_observatory.scanner.probes.request_before_version import RequestBeforeVersionProbe
from electrum_observatory.scanner.probes.request_of_1_0 import RequestOf10Probe
from electrum_observatory.scanner.probes.request_without_method import RequestWithoutMethodProbe
from electrum_observatory.scanner.probes.reverse_dns import ReverseDnsProbe
from electrum_observatory.scanner.probes.same_question_thrice import SameQuestionThriceProbe
from electrum_observatory.scanner.probes.scripthash_balance import ScripthashBalanceProbe
from electrum_observatory.scanner.probes.scripthash_first_use import ScripthashFirstUseProbe
from electrum_observatory.scanner.probes.scripthash_history import ScripthashHistoryProbe
from electrum_observatory.scanner.probes.scripthash_mempool import ScripthashMempoolProbe
from electrum_observatory.scanner.probes.scripthash_not_hex import ScripthashNotHexProbe
from electrum_observatory.scanner.probes.scripthash_oddities import ScripthashOdditiesProbe
from electrum_observatory.scanner.probes.scripthash_subscribe import ScripthashSubscribeProbe
from electrum_observatory.scanner.probes.scripthash_unspent import ScripthashUnspentProbe
from electrum_observatory.scanner.probes.scripthash_unsubscribe import ScripthashUnsubscribeProbe
from electrum_observatory.scanner.probes.second_version import SecondVersionProbe
from electrum_observatory.scanner.probes.server_version import ServerVersionProbe
from electrum_observatory.scanner.probes.tls_certificate import TlsCertificateProbe
from electrum_observatory.scanner.probes.too_few_parameters import TooFewParametersProbe
from electrum_observatory.scanner.probes.too_many_parameters import TooManyParametersProbe
from electrum_observatory.scanner.probes.transaction import TransactionProbe
from electrum_observatory.scanner.probes.transaction_at_position import TransactionAtPositionProbe
from electrum_observatory.scanner.probes.transaction_merkle import TransactionMerkleProbe
from electrum_observatory.scanner.probes.transaction_oddities import TransactionOdditiesProbe
from electrum_observatory.scanner.probes.transaction_verbose import TransactionVerboseProbe
from electrum_observatory.scanner.probes.unknown_method import UnknownMethodProbe
from electrum_observatory.scanner.probes.version_as_number import VersionAsNumberProbe
from electrum_observatory.scanner.probes.version_reversed_range import VersionReversedRangeProbe
from electrum_observatory.scanner.probes.version_with_third_argument import VersionWithThirdArgumentProbe
from electrum_observatory.scanner.probes.version_without_jsonrpc import VersionWithoutJsonrpcProbe
from electrum_observatory.scanner.probes.xpub_sweep_hundred import XpubSweepHundredProbe
from electrum_observatory.scanner.probes.xpub_sweep_one import XpubSweepOneProbe
from electrum_observatory.scanner.probes.xpub_sweep_twenty import XpubSweepTwentyProbe
from electrum_observatory.scanner.probes.xpub_sweep_twenty_legacy import XpubSweepTwentyLegacyProbe
from electrum_observatory.scanner.probes.xpub_sweep_twenty_nested import XpubSweepTwentyNestedProbe
from electrum_observatory.scanner.probes.xpub_sweep_twenty_taproot import XpubSweepTwentyTaprootProbe


def all_probes(*, pings: int = DEFAULT_PINGS) -> tuple[AnyProbe, ...]:
    """Return every probe, ready to be put."""
    return (
        ServerVersionProbe(),
        LatencyProbe(pings=pings),
        GenesisProbe(),
        ChainTipProbe(),
        PeersProbe(),
        BannerProbe(),
        DonationAddressProbe(),
        FeeHistogramProbe(),
        RelayFeeProbe(),
        FeeEstimatesProbe(),
        FeaturesProbe(),
        MempoolInfoProbe(),
        TlsCertificateProbe(),
        ReverseDnsProbe(),
    )


PROBE_IDS = tuple(probe.id for probe in all_probes())
"""Ids of all probes; ``connection`` is no probe, it is recorded for every dial."""

BATTERY: tuple[BehaviourProbe, ...] = (
    PingWithFloatIdProbe(),
    PingWithUnicodeIdProbe(),
    FirstHeadersProbe(),
    RelayFeeAt14Probe(),
    HeaderBeyondTipProbe(),
    ScripthashNotHexProbe(),
    EstimateBeyondLimitProbe(),
    EstimateModeLowerCaseProbe(),
    HeaderBeyond32BitsProbe(),
    MissingTransactionProbe(),
    PingWithArgumentProbe(),
    PingWithExtraKeyProbe(),
    PingWithoutJsonrpcProbe(),
    SecondVersionProbe(),
    MempoolInfoAnyhowProbe(),
    UnknownMethodProbe(),
    ScripthashFirstUseProbe(),
    ScripthashUnsubscribeProbe(),
    BatchOfTwoPingsProbe(),
    VersionWithoutJsonrpcProbe(),
    FirstMessageOf10Probe(),
    RequestBeforeVersionProbe(),
    ScripthashBalanceProbe(),
    ScripthashHistoryProbe(),
    ScripthashUnspentProbe(),
    ScripthashSubscribeProbe(),
    ScripthashMempoolProbe(),
    AddressKindsBalanceProbe(),
    AddressKindsHistoryProbe(),
    AddressBalanceProbe(),
    AddressHistoryProbe(),
    HeadersAtSplitsProbe(),
    HeadersInARowProbe(),
    HeadersWithCheckpointProbe(),
    HeaderProofProbe(),
    TransactionProbe(),
    TransactionVerboseProbe(),
    TransactionMerkleProbe(),
    TransactionAtPositionProbe(),
    EstimateModesProbe(),
    EstimateModeJunkProbe(),
    EstimateTargetZeroProbe(),
    EstimateTarget26Probe(),
    XpubSweepOneProbe(),
    XpubSweepTwentyProbe(),
    XpubSweepTwentyLegacyProbe(),
    XpubSweepTwentyNestedProbe(),
    XpubSweepTwentyTaprootProbe(),
    SameQuestionThriceProbe(),
    TooFewParametersProbe(),
    TooManyParametersProbe(),
    NamedParametersProbe(),
    ParametersOfOtherTypesProbe(),
    ScripthashOdditiesProbe(),
    HeightOdditiesProbe(),
    TransactionOdditiesProbe(),
    MalformedAddressProbe(),
    MethodOdditiesProbe(),
    RequestWithoutMethodProbe(),
    MethodsOfThePastProbe(),
    MethodsOfLaterReleasesProbe(),
    RequestOf10Probe(),
    PingWithNullIdProbe(),
    PingWithoutIdProbe(),
    PingWithOddIdsProbe(),
    PingWithPlainIdsProbe(),
    PingWithIdTwiceProbe(),
    EmptyBatchProbe(),
    BatchWithABadElementProbe(),
    VersionReversedRangeProbe(),
    VersionAsNumberProbe(),
    VersionWithThirdArgumentProbe(),
    XpubSweepHundredProbe(),
    RateLimitProbe(),
    BurstOfTwentyProbe(),
    NotJsonProbe(),
)
"""Every probe of behaviour, in the order of the field reference, §9.a; visits are packed in this order."""


def battery(wanted: Collection[str]) -> Sequence[BehaviourProbe]:
    """Return the probes of behaviour that are named, each by its id or its group."""
    return tuple(probe for probe in BATTERY if probe.id in wanted or probe.group in wanted)


BATTERY_NAMES = frozenset(probe.id for probe in BATTERY) | frozenset(Group)
"""What may be named."""

APART = frozenset({opening.PROBE_ID, treatment.PROBE_ID}) | frozenset(probe.id for probe in BATTERY)
"""Ids of what is recorded outside of routine visits."""

RESULT_TYPES: tuple[tuple[str, type[Any]], ...] = (
    (connection.PROBE_ID, connection.ConnectionResult),
    *((probe.id, probe.result_type) for probe in all_probes()),
    (opening.PROBE_ID, opening.RESULT_TYPE),
    *((probe.id, probe.result_type) for probe in BATTERY),
    (treatment.PROBE_ID, treatment.TreatmentResult),
)
"""Every kind of observation with its result: what schemas and reference pages are made from."""
