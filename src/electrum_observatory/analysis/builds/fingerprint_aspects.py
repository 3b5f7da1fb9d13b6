"""What enters the behaviour fingerprint, version 1. The list is closed: another list is another version of the hash.

Left out on purpose, though inference uses some of it: whatever depends on the node, its chain or its mempool (error
texts of bitcoind, keys of histories, histograms, numbers), on the operator (texts, hosts, optional services), on other
servers (peer lists), on chance (notifications of a block that just came), and on what the server calls itself.
"""

PADDING = "padding"
"""Made here rather than read from one line: "padded" or "never", where at least three raw lines were seen."""

_WIRE = ("keys_result", "keys_error", "error_member", "separators", "batch_joiner", "escaping")
_RAW_LINES = ("terminator", PADDING)
"""Not observed on WebSocket, whose messages have no line ends and are never padded."""

_HANDSHAKE = (
    "agreed_up_to_1.6",
    "agreed_up_to_1.7",
    "handshake_1.6",
    "handshake_name_only",
    "handshake_named",
    "handshake_number",
    "handshake_reversed",
    "handshake_third_param",
    "handshake_unsupported",
    "handshake_without_params",
    "second_handshake",
    "before_handshake",
)
_QUESTIONS = (
    "not_json",
    "not_utf8",
    "json_scalar",
    "json_string",
    "empty_object",
    "version_member_dropped",
    "version_member_other",
    "version_member_missing_first",
    "extra_member",
    "method_missing",
    "method_not_string",
    "method_empty",
    "unknown_method",
    "named_params",
    "misnamed_params",
    "scalar_params",
    "too_few_params",
    "missing_params",
    "too_many_params",
    "ping_with_argument",
    "banner_with_argument",
    "scripthash_short",
    "scripthash_long",
    "scripthash_upper",
    "scripthash_not_text",
    "header_negative",
    "header_beyond_tip",
    "header_billion",
    "header_wrapped",
    "headers_billion",
    "headers_negative_count",
    "transaction_malformed",
    "empty_batch",
    "batch_of_two",
    "id_null",
    "id_fraction",
    "id_boolean",
    "id_list",
    "id_beyond_64_bits",
    "id_whole_float",
    "byte_order_mark",
    "not_a_number",
    "unasked_response",
)
_ESTIMATES = (
    "estimate_26",
    "estimate_beyond",
    "estimate_negative",
    "estimate_zero",
    "estimate_mode_lower",
    "estimate_mode_upper",
    "estimate_mode_junk",
)
_METHODS = (
    "has_blockchain.headers.get_tip",
    "has_blockchain.headers.unsubscribe",
    "has_blockchain.header.get",
    "has_blockchain.scripthash.get_first_use",
    "has_blockchain.scripthash.get_status",
    "has_blockchain.scripthash.get_mempool",
    "has_blockchain.scripthash.unsubscribe_at_1.4",
    "has_blockchain.scripthash.unsubscribe_from_1.4.2",
    "has_blockchain.transaction.get_confirmed_blockhash",
    "has_blockchain.transaction.get_height",
    "has_blockchain.transaction.get_tsc_merkle",
    "has_blockchain.transaction.testmempoolaccept",
    "has_blockchain.transaction.dsproof.list",
    "has_blockchain.utxo.get_info",
    "has_blockchain.relayfee_at_1.6",
    "has_blockchain.relayfee_below_1.6",
    "has_blockchain.silentpayments.subscribe",
    "has_blockchain.block.stats",
    "has_mempool.get_info_at_1.6",
    "has_mempool.get_info_below_1.6",
    "has_mempool.recent",
    "has_server.features",
)
_RESULTS = (
    "keys_in_tip",
    "keys_in_features",
    "features_services",
    "features_dsproof",
    "features_hash_function",
    "protocol_max",
    "donation_kind",
)

ASPECTS_V1 = frozenset((*_WIRE, *_RAW_LINES, *_HANDSHAKE, *_QUESTIONS, *_ESTIMATES, *_METHODS, *_RESULTS))
"""The aspects of version 1."""
