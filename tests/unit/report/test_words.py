import pytest

from electrum_observatory.model.failure import FailureKind
from electrum_observatory.report.words import FAILURES, SOURCES, failure_words, many, source_words
from electrum_observatory.scanner.discovery.registry import SOURCE_IDS
from electrum_observatory.store.importers.by_hand import IMPORTED_LIST


def test_every_source_has_words_and_no_other():
    assert set(SOURCES) == {*SOURCE_IDS, IMPORTED_LIST}


def test_every_way_to_fail_has_words_of_its_own():
    assert set(FAILURES) == set(FailureKind)
    assert len(set(FAILURES.values())) == len(FailureKind)


def test_no_words_are_an_id():
    assert not any("_" in words for words in (*SOURCES.values(), *FAILURES.values()))
    assert (source_words("peers_subscribe"), failure_words("plain_text_on_tls")) == (
        "peer lists",
        "plain text on the TLS port",
    )


def test_a_source_of_somebody_else_keeps_its_name():
    assert source_words("my_own_crawl") == "my own crawl"


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 machines"), (1, "1 machine"), (2, "2 machines"), (1234, "1,234 machines")]
)
def test_one_is_singular(number, words):
    assert many(number, "machine") == words
