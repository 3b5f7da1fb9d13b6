"""The columns of sealed watches and how each is packed, chosen by measuring (docs/decisions/0014).

Texts repeat within a day and are kept once, referred to by number. Noise of microseconds packs best split into its
bytes; what rises with time as differences; what repeats in a dictionary. All of it lies under zstd.
"""

import pyarrow as pa

from electrum_observatory.model.watch import Question

_VERSION = {"electrum_observatory_schema_version": "1"}
_MOMENT = pa.timestamp("us", tz="UTC")
TEXTS_OF: tuple[Question, ...] = tuple(one for one in Question if one is not Question.HISTOGRAM)
"""The questions whose answers are all kept as texts."""

SCHEMAS: dict[str, pa.Schema] = {
    "rounds": pa.schema(
        [
            ("round", pa.int32()),
            ("due_at", _MOMENT),
            ("started_at", _MOMENT),
            ("started_monotonic_ns", pa.int64()),
            ("boot_id", pa.string()),
            ("duration_us", pa.int64()),
            ("questions", pa.string()),
            ("lag_max_us", pa.int64()),
        ],
        metadata=_VERSION,
    ),
    "readings": pa.schema(
        [
            ("endpoint", pa.string()),
            ("round", pa.int32()),
            ("availability", pa.string()),
            ("failure_stage", pa.string()),
            ("failure_kind", pa.string()),
            ("failure_detail", pa.string()),
            ("sent_us", pa.int64()),
            ("lag_us", pa.int64()),
            ("first_us", pa.int64()),
            *((f"{question}_later_us", pa.int64()) for question in Question),
            ("histogram", pa.int32()),
            ("histogram_text", pa.int32()),
            *((f"{question}_text", pa.int32()) for question in TEXTS_OF),
        ],
        metadata=_VERSION,
    ),
    "news": pa.schema(
        [
            ("number", pa.int64()),
            ("endpoint", pa.string()),
            ("received_at", _MOMENT),
            ("monotonic_offset_ns", pa.int64()),
            ("boot_id", pa.string()),
            ("lag_us", pa.int64()),
            ("height", pa.int64()),
            ("header", pa.binary()),
            ("first", pa.bool_()),
        ],
        metadata=_VERSION,
    ),
    "histograms": pa.schema(
        [
            ("histogram", pa.int32()),
            ("rates", pa.list_(pa.float64())),
            ("sizes", pa.list_(pa.int64())),
            ("head", pa.string()),
            ("style", pa.string()),
            ("tail", pa.string()),
        ],
        metadata=_VERSION,
    ),
    "texts": pa.schema([("text", pa.int32()), ("data", pa.binary())], metadata=_VERSION),
}
"""Columns of each table; columns are only ever added within a version."""

ZSTD_LEVEL = 9
ROWS_OF_A_GROUP = {"readings": 8_192, "histograms": 2_048, "texts": 1_024}
"""Rows that are read at once where only some are wanted; of the other tables all are."""
ROWS_OF_A_MONTHS_GROUP = 32_768
"""The same for the readings of a month: a server has some 9,000 there, and each group costs whoever opens the file."""
DICTIONARIES = {
    "rounds": ["boot_id", "questions"],
    "readings": ["endpoint", "availability", "failure_stage", "failure_kind", "failure_detail"],
    "news": ["endpoint", "boot_id", "header"],
    "histograms": ["head", "style", "tail"],
    "texts": [],
}
ENCODINGS: dict[str, dict[str, str]] = {
    "rounds": dict.fromkeys(("round", "due_at", "started_at", "started_monotonic_ns"), "DELTA_BINARY_PACKED"),
    "readings": {
        **dict.fromkeys(("round", "sent_us", "first_us"), "DELTA_BINARY_PACKED"),
        **dict.fromkeys(("lag_us", "histogram", "histogram_text"), "BYTE_STREAM_SPLIT"),
        **{f"{question}_later_us": "BYTE_STREAM_SPLIT" for question in Question},
        **{f"{question}_text": "BYTE_STREAM_SPLIT" for question in TEXTS_OF},
    },
    "news": {
        **dict.fromkeys(("number", "received_at", "monotonic_offset_ns", "height"), "DELTA_BINARY_PACKED"),
        "lag_us": "BYTE_STREAM_SPLIT",
    },
    "histograms": {"histogram": "DELTA_BINARY_PACKED", "sizes.list.element": "BYTE_STREAM_SPLIT"},
    "texts": {"text": "DELTA_BINARY_PACKED"},
}
