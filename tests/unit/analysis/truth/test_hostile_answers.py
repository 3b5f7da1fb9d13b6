"""Whatever a server answers, the tests end with findings and not with an error of ours."""

from hypothesis import given, settings
from hypothesis import strategies as st

from electrum_observatory.analysis.truth.judge import judge
from electrum_observatory.bitcoin.address import AddressKind
from tests.unit.analysis.truth.chain import HASHES, Asked, Server, chain, heard, honest, reference

TXID = chain()[10].txids[2]
QUESTIONS = (
    ("blockchain.headers.subscribe", []),
    ("blockchain.block.header", [10]),
    ("blockchain.block.header", [5, 8]),
    ("blockchain.block.headers", [20, 3]),
    ("blockchain.transaction.get", [TXID]),
    ("blockchain.transaction.get_merkle", [TXID, 10]),
    ("blockchain.transaction.id_from_pos", [10, 2, True]),
    ("blockchain.transaction.broadcast", ["zz"]),
    ("blockchain.estimatefee", [6]),
    ("blockchain.estimatefee", [6, "ECONOMICAL"]),
    ("blockchain.relayfee", []),
    ("mempool.get_info", []),
    ("mempool.get_fee_histogram", []),
    ("server.banner", []),
    *((f"blockchain.scripthash.{name}", [HASHES[AddressKind.P2TR]]) for name in ("get_history", "get_balance")),
    *((f"blockchain.scripthash.{name}", [HASHES[AddressKind.P2TR]]) for name in ("listunspent", "subscribe")),
)
HEADER_NAMES = ("height", "hex", "headers", "header", "branch", "root", "block_height", "merkle", "pos", "count")
SCRIPT_NAMES = ("tx_hash", "tx_id", "tx_pos", "value", "fee", "confirmed", "unconfirmed")
NAMES = st.sampled_from((*HEADER_NAMES, *SCRIPT_NAMES, "minrelaytxfee", "mempoolminfee"))
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.sampled_from(["\ud800", "a\udfff"]),  # halves of pairs too, which no bytes stand for
    st.sampled_from([TXID, HASHES[AddressKind.P2TR], chain()[10].header.hex(), chain()[10].transactions[2].hex()]),
)
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=6), max_leaves=12
)
REPLIES = st.one_of(
    JSON.map(lambda value: {"result": value}),
    st.fixed_dictionaries({"error": st.fixed_dictionaries({"code": JSON, "message": JSON})}),
    st.fixed_dictionaries({"error": JSON}),
)
ANSWERS = st.lists(
    st.tuples(st.sampled_from(QUESTIONS), REPLIES).map(lambda drawn: (drawn[0][0], drawn[0][1], drawn[1])), max_size=8
)


@settings(max_examples=60, deadline=None)
@given(answers=ANSWERS, own=st.booleans())
def test_no_answer_breaks_the_tests_and_nobody_else_is_blamed_for_it(answers: list[Asked], *, own: bool) -> None:
    liar = heard("liar", Server(name="liar").tip(), *answers, at_s=60.0)
    others = [server.heard(*server.everything()) for server in honest(3)]

    findings = judge([liar, *others], reference(), own=frozenset({"liar"} if own else ())).findings

    assert {one.subject for one in findings} <= {"liar"}
    for one in findings:
        assert one.witnesses
        assert one.words.isprintable()
