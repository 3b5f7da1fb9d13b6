"""JSON as each program's library writes it."""

import numpy as np
import pytest

from electrum_observatory.lab.personalities.json_reading import (
    NotJsonError,
    NotTextError,
    TooDeepError,
    depth_of,
    read_python,
    read_strict,
)
from electrum_observatory.lab.personalities.json_text import fulcrum_json, python_json, rust_float, serde_json


@pytest.mark.parametrize(
    ("number", "rust", "python", "fulcrum"),
    [
        (0.00001, "0.00001", "1e-05", "1e-05"),
        (0.000001, "1e-6", "1e-06", "1e-06"),
        (0.00001234, "0.00001234", "1.234e-05", "1.234e-05"),
        (0.0002, "0.0002", "0.0002", "0.0002"),
        (7.0, "7.0", "7.0", "7"),
        (7.5, "7.5", "7.5", "7.5"),
        (100.0, "100.0", "100.0", "100"),
        (1e16, "1e16", "1e+16", "1e+16"),
        (1e15, "1000000000000000.0", "1000000000000000.0", "1000000000000000"),
        (-0.5, "-0.5", "-0.5", "-0.5"),
        (0.0, "0.0", "0.0", "0"),
        (1.016e-05 * 100000 / 100000, "0.000010160000000000001", "1.0160000000000001e-05", "1.016e-05"),
    ],
)
def test_floats_tell_the_library(number: float, rust: str, python: str, fulcrum: str):
    assert serde_json(number).decode() == rust
    assert python_json(number, compact=True).decode() == python
    assert fulcrum_json(number).decode() == fulcrum


@pytest.mark.parametrize(
    ("number", "text"), [(3.003911, "3.003911"), (1.0, "1.0"), (19.880716, "19.880716"), (0.1, "0.1"), (1e-7, "1e-7")]
)
def test_single_precision_is_written_with_its_own_shortest_digits(number: float, text: str):
    assert rust_float(np.float32(number)) == text


def test_newer_serde_signs_the_exponent():
    assert serde_json(1e16, signed_exponent=True) == b"1e+16"
    assert serde_json(1e-6, signed_exponent=True) == b"1e-6"


def test_separators_and_key_order_tell_the_program():
    value = {"b": [1, {"d": None, "c": True}], "a": "x"}

    assert python_json(value, compact=False) == b'{"b": [1, {"d": null, "c": true}], "a": "x"}'
    assert python_json(value, compact=True) == b'{"b":[1,{"d":null,"c":true}],"a":"x"}'
    assert fulcrum_json(value) == serde_json(value) == b'{"a":"x","b":[1,{"c":true,"d":null}]}'


def test_text_is_escaped_by_python_and_raw_elsewhere():
    text = 'é\x7f\n\x01/"\\'

    assert python_json(text, compact=True) == rb'"\u00e9\u007f\n\u0001/\"\\"'
    assert serde_json(text) == '"é\x7f\\n\\u0001/\\"\\\\"'.encode()
    assert fulcrum_json(text) == '"é\\u007f\\n\\u0001/\\"\\\\"'.encode()


def test_python_reads_what_the_strict_parsers_refuse():
    assert read_python(b"[NaN]", max_depth=10)[0] != read_python(b"[NaN]", max_depth=10)[0]
    for line in (b"[NaN]", b"[1e999]", rb'["\ud800"]', b"[Infinity]"):
        with pytest.raises(NotJsonError):
            read_strict(line, max_depth=10)


def test_big_integers_become_floats_in_serde_and_errors_in_simdjson():
    line = b"[18446744073709551616]"

    assert read_python(line, max_depth=10) == [2**64]
    assert read_strict(line, max_depth=10) == [1.8446744073709552e19]
    with pytest.raises(NotJsonError):
        read_strict(line, max_depth=10, integers=range(-(2**63), 2**64))


def test_bytes_and_depth_are_checked_before_parsing():
    with pytest.raises(NotTextError):
        read_python(b"\xff\xfe", max_depth=10)
    with pytest.raises(TooDeepError):
        read_strict(b"[" * 11 + b"]" * 11, max_depth=10)
    assert depth_of(b'["[[[[", {"a": []}]', 2) == 3


def test_digits_are_a_number_outside_of_text_only():
    assert read_python(b'["%b"]' % (b"0" * 5000), max_depth=10) == ["0" * 5000]
    assert read_strict(b'["%b"]' % (b"0" * 5000), max_depth=10) == ["0" * 5000]
    with pytest.raises(TooDeepError):
        read_python(b"[%b]" % (b"9" * 5000), max_depth=10)
    with pytest.raises(NotJsonError):
        read_strict(b"[%b]" % (b"9" * 5000), max_depth=10)
