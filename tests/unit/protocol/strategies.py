"""What hypothesis draws from: small, and rich in what breaks parsers."""

from hypothesis import strategies as st

TEXT = st.text(alphabet='ab0 "\\[]{}:,\n\t\x00\x1b\x7fé\u2028\ufeff😀', max_size=12)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
