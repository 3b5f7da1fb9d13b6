"""What tells the builds of electrs-esplora apart: how each says no, and what came with the coded errors.

Blockstream's and mempool's electrs share one origin. Both answered with bare strings for years and later with objects
that carry a code; where the older Blockstream build finds nothing to say, it hangs up. Sources: Blockstream/electrs
``src/electrum/server.rs`` to commit ad5a48ac and at 199147f7, mempool/electrs the same file at 80758ea and 277b05b7.
"""

from dataclasses import dataclass

from electrum_observatory.lab.histograms import Histogram, esplora_new, esplora_old

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS, INTERNAL_ERROR = -32700, -32600, -32601, -32602, -32603
UNLIMITED = 2**63


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """How a build says no to what it cannot even call.

    Attributes:
        code: Of the error object.
        text: May hold ``{line}`` (as sent; ``{bare_line}`` without its end), ``{request}``, ``{method}``, ``{params}``.
        null_id: Whether an error that answers no id says ``null``, rather than nothing.
    """

    code: int
    text: str
    null_id: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """One build.

    Attributes:
        name: As it calls itself, without the version.
        histogram: How it cuts its mempool.
        coded: Whether a method's error is an object with a code, rather than a string.
        not_json: What it says to a line that is no JSON; None: it hangs up.
        bad_request: What it says to JSON that is no request; None: it hangs up.
        unknown_method: None: it hangs up.
        bad_params: Code of wrong parameters, where errors have codes.
        names_hash_problem: Whether a wrong hash is called by what is wrong with it, rather than "bad script_hash".
        most_in_batch: Longest batch; beyond it, it hangs up (below 0: it knows no batches).
        lists_mempool: Whether it has ``scripthash.get_mempool`` and ``unsubscribe``, and ``broadcast_package``.
    """

    name: str
    histogram: Histogram
    coded: bool
    not_json: Refusal | None
    bad_request: Refusal | None
    unknown_method: Refusal | None
    bad_params: int
    names_hash_problem: bool
    most_in_batch: int
    lists_mempool: bool


BLOCKSTREAM_STRINGS = Build(
    name="electrs-esplora",
    histogram=esplora_old,
    coded=False,
    not_json=None,
    bad_request=None,
    unknown_method=None,
    bad_params=INTERNAL_ERROR,
    names_hash_problem=False,
    most_in_batch=-1,
    lists_mempool=False,
)
BLOCKSTREAM_CODED = Build(
    name="electrs-esplora",
    histogram=esplora_new,
    coded=True,
    not_json=Refusal(code=PARSE_ERROR, text="parse error", null_id=True),
    bad_request=Refusal(code=INVALID_REQUEST, text="invalid request", null_id=True),
    unknown_method=Refusal(code=METHOD_NOT_FOUND, text="unknown method {method}"),
    bad_params=INVALID_PARAMS,
    names_hash_problem=True,
    most_in_batch=20,
    lists_mempool=True,
)
MEMPOOL_STRINGS = Build(
    name="mempool-electrs",
    histogram=esplora_old,
    coded=False,
    not_json=Refusal(code=INVALID_REQUEST, text="invalid request: {bare_line}", null_id=True),
    bad_request=Refusal(code=INVALID_REQUEST, text="invalid request: {request}"),
    unknown_method=Refusal(code=1, text="{method} RPC error: unknown method {method} {params}"),
    bad_params=INTERNAL_ERROR,
    names_hash_problem=False,
    most_in_batch=UNLIMITED,
    lists_mempool=False,
)
MEMPOOL_CODED = Build(
    name="mempool-electrs",
    histogram=esplora_old,
    coded=True,
    not_json=Refusal(code=PARSE_ERROR, text="Invalid JSON: {line}"),
    bad_request=Refusal(code=INVALID_REQUEST, text="{request}"),
    unknown_method=Refusal(code=METHOD_NOT_FOUND, text="Method {method} not found"),
    bad_params=INTERNAL_ERROR,
    names_hash_problem=False,
    most_in_batch=UNLIMITED,
    lists_mempool=False,
)
