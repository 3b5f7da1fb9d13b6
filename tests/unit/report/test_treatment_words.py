"""What is said of a server's treatment: who got which answers, never why."""

from electrum_observatory.analysis.differential import Arm, Pair
from electrum_observatory.analysis.treatment_stored import EndpointTreatment
from electrum_observatory.analysis.treatment_tables import treated
from electrum_observatory.report.treatment_words import treatment_words, way_words


def told(arm: Arm, *, usual: bool, other: bool, pairs: int = 12, others: int = 5) -> EndpointTreatment:
    batch = [Pair(question="history.p2tr", arm=arm, usual=usual, other=other)] * pairs
    return EndpointTreatment(endpoint_id="e", others=others, treated=treated(batch, batch))


def test_who_got_the_usual_answers_is_named_first() -> None:
    (worse,) = treatment_words(told(Arm.AFTER_BURST, usual=True, other=False))
    (better,) = treatment_words(told(Arm.BARE_CLIENT, usual=False, other=True))
    (kind,) = treatment_words(told(Arm.ADDRESS_KIND, usual=True, other=False))

    assert "a current wallet got the usual answers where a wallet that has just asked for twenty scripts" in worse
    assert "a bare client got the usual answers where a current wallet got others or none" in better
    assert (
        "questions about a P2WPKH script got the usual answers where questions about a script of another kind" in kind
    )
    assert all("history of a P2TR script (24 of 24 pairs, 0 the other way)" in words for words in (worse, better, kind))


def test_what_shows_nothing_says_what_it_could_have_shown() -> None:
    (alike,) = treatment_words(told(Arm.BARE_CLIENT, usual=True, other=True))
    short, alone = treatment_words(told(Arm.BARE_CLIENT, usual=True, other=False, pairs=5, others=1))

    assert "1 comparison can show" in alike
    assert "probability of 1.00" in alike
    assert "2 more pairs would be needed" in short
    assert alone.startswith("Too few other servers")


def test_a_table_says_which_two_ways_it_compares() -> None:
    (kind,) = told(Arm.ADDRESS_KIND, usual=True, other=True).treated.tables
    (bare,) = told(Arm.BARE_CLIENT, usual=True, other=True).treated.tables

    assert way_words(kind) == "P2TR, against P2WPKH"
    assert way_words(bare) == "a bare client, against a current wallet"
