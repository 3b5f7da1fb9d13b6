"""What is refused before any parser sees it, and that refusing is cheap."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from electrum_observatory.protocol.limits import MAX_DEPTH, MAX_DIGITS, MAX_MEMBERS, JsonLimits, refusal
from electrum_observatory.protocol.peers import MOST_READ
from tests.unit.protocol.strategies import JSON_VALUES

SIZE = 1 << 18


@settings(max_examples=50)
@given(value=JSON_VALUES)
def test_ordinary_json_passes(value: object) -> None:
    assert refusal(json.dumps(value, ensure_ascii=False).encode()) is None


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_nesting_is_counted_exactly(opening: str, closing: str) -> None:
    def nested(depth: int) -> bytes:
        return (opening * depth + "1" + closing * depth).encode()

    assert refusal(nested(MAX_DEPTH)) is None
    assert refusal(nested(MAX_DEPTH + 1)) == f"nested deeper than {MAX_DEPTH}"


def test_width_is_not_depth() -> None:
    assert refusal(b"[" + b"[]," * 500 + b"[]]") is None


@pytest.mark.parametrize("text", [b"[" * 500, b'\\"[' * 200, b"\\\\"], ids=["brackets", "escaped quotes", "backslash"])
def test_brackets_inside_of_strings_do_not_count(text: bytes) -> None:
    assert refusal(b'["' + text + b'"]') is None


def test_brackets_after_an_escaped_backslash_do_count() -> None:
    assert refusal(b'["\\\\",' + b"[" * MAX_DEPTH + b"]" * MAX_DEPTH + b"]") == f"nested deeper than {MAX_DEPTH}"


def members_of(value: object) -> int:
    """Elements, names and values, the way that a person counts them."""
    if isinstance(value, dict):
        return sum(2 + members_of(member) for member in value.values())
    return sum(1 + members_of(member) for member in value) if isinstance(value, list) else 0


@given(value=JSON_VALUES, indent=st.none() | st.integers(min_value=0, max_value=3))
def test_members_are_counted_exactly(value: object, indent: int | None) -> None:
    line = json.dumps(value, ensure_ascii=False, indent=indent).encode()
    members = members_of(value)

    assert refusal(line, JsonLimits(members=members)) is None
    if members:
        words = f"more than {members - 1} elements, names and values"
        assert refusal(line, JsonLimits(members=members - 1)) == words


def test_the_longest_list_that_is_read_has_few_enough_members() -> None:
    row = '["203.0.113.250","a-rather-long-name.example.com",["v1.4.2","s50002","t50001","p10000"]]'

    assert refusal(f"[{','.join([row] * MOST_READ)}]".encode()) is None
    assert refusal(b"[" + b"[]," * MAX_MEMBERS + b"[]]") is not None


def test_commas_and_brackets_of_a_text_are_no_members() -> None:
    assert refusal(b'["' + b"[{:,\\" * MAX_MEMBERS + b'"]') is None


def test_brackets_do_count_where_an_escaped_quote_makes_strings_look_empty() -> None:
    line = b'{"id":0,"result":' + b'[[["\\"]]]\\"",' * 60 + b"1}"

    assert refusal(line) == f"nested deeper than {MAX_DEPTH}"


def test_depth_is_told_wherever_it_lies_in_a_line_that_may_have_too_many_members() -> None:
    text = b'"' + b"," * MAX_MEMBERS + b'"'
    wide, deep = b"[]," * (MAX_MEMBERS - MAX_DEPTH - 2), b"[" * MAX_DEPTH + b"]" * MAX_DEPTH

    assert refusal(b"[" + wide + text + b"," + deep[1:-1] + b"]") is None
    assert refusal(b"[" + wide + text + b"," + deep + b"]") == f"nested deeper than {MAX_DEPTH}"


def test_digits_are_counted_exactly_and_only_outside_of_strings() -> None:
    assert refusal(b"[" + b"9" * MAX_DIGITS + b"]") is None
    assert refusal(b"[" + b"9" * (MAX_DIGITS + 1) + b"]") == f"a number of more than {MAX_DIGITS} digits"
    assert refusal(b'["' + b"9" * 5000 + b'"]') is None


@pytest.mark.parametrize(
    "line",
    [
        b"[" * SIZE,
        b"[" * 65 + b'"' + b'\\"' * SIZE,  # a string that never ends, full of escaped quotes
        b"[" * 65 + b"9" * 401 + b'"' + b'\\"' * SIZE,
        b"[" + (b"9" * 400 + b",") * 2500 + b"]",
        b'["' * (SIZE // 2),
        b"\\" * SIZE,
        b'"' * SIZE,
    ],
    ids=[
        "deep",
        "endless string",
        "endless string and digits",
        "long numbers",
        "deep strings",
        "backslashes",
        "quotes",
    ],
)
def test_a_long_hostile_line_is_judged_in_one_pass(line: bytes) -> None:
    refusal(line)  # would run for hours if any pattern were quadratic


@pytest.mark.parametrize("digits", [1, 2, 7, 8, 9, 15, 16, 17, 100, 400])
def test_digits_are_counted_exactly_wherever_they_stand(digits: int) -> None:
    limits = JsonLimits(digits=digits)

    for place in range(70):
        before, after = b"x" * place, b"x" * (digits + 70)
        assert refusal(before + b"9" * digits + after, limits) is None
        assert refusal(before + b"9" * (digits + 1) + after, limits) is not None
