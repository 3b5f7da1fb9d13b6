"""What counts as the usual answer, and which pairs come of a round."""

from collections.abc import Mapping

from bench.rounds import Asked, Round, pairs_of, read_round
from electrum_observatory.analysis.differential import Arm, Pair
from electrum_observatory.analysis.treatment import Told
from electrum_observatory.model.dialogue import Dialogue, Exchange, Line
from electrum_observatory.model.endpoint import Transport

FEE = Asked(name="fee")
USUAL_KIND, TAPROOT = (
    Asked(name="history p2wpkh", kind="p2wpkh"),
    Asked(name="history p2tr", kind="p2tr", twin="history p2wpkh"),
)


def told(text: str, *, after_ms: float | None = 10.0) -> Told:
    try:
        number = float(text)
    except ValueError:
        return Told(text=text, number=None, after_ms=after_ms)
    return Told(text=text, number=number, after_ms=after_ms)


def a_round(wallet: Mapping[str, Told], bare: Mapping[str, Told]) -> Round:
    return {"bare_client": bare, "wallet": wallet}


def same(**answers: Told) -> Round:
    return a_round(answers, answers)


def pairs(subject: Round, *others: Round, questions: tuple[Asked, ...] = (FEE,)) -> tuple[Pair, ...]:
    return pairs_of([subject], [others], questions)


PANEL = (same(fee=told("0.0001")), same(fee=told("0.00012")), same(fee=told("0.00011")))


def test_a_fee_near_the_others_median_is_usual_and_one_far_from_it_is_not() -> None:
    subject = a_round({"fee": told("0.00023")}, {"fee": told("0.00013")})

    assert pairs(subject, *PANEL) == (Pair(question="fee", arm=Arm.BARE_CLIENT, usual=False, other=True),)


def test_a_late_answer_is_not_usual_and_one_of_unknown_time_may_be() -> None:
    late = a_round({"fee": told("0.00011", after_ms=9000.0)}, {"fee": told("0.00011", after_ms=None)})

    assert pairs(late, *PANEL) == (Pair(question="fee", arm=Arm.BARE_CLIENT, usual=False, other=True),)


def test_a_question_that_was_not_answered_is_not_usual() -> None:
    assert pairs(a_round({}, {"fee": told("0.0001")}), *PANEL)[0].usual is False


def test_where_the_others_do_not_agree_every_answer_is_usual() -> None:
    divided = [same(fee=told("error a")), same(fee=told("error b"))]

    assert pairs(same(fee=told("error c")), *divided) == (
        Pair(question="fee", arm=Arm.BARE_CLIENT, usual=True, other=True),
    )


def test_kinds_of_address_are_paired_with_the_usual_kind_in_the_wallets_arm() -> None:
    good = {USUAL_KIND.name: told("[1]"), TAPROOT.name: told("[2]")}
    subject = a_round({**good, TAPROOT.name: told("error limit")}, good)

    found = pairs(subject, a_round(good, good), a_round(good, good), questions=(USUAL_KIND, TAPROOT))

    assert Pair(question=TAPROOT.name, arm=Arm.ADDRESS_KIND, usual=True, other=False) in found
    assert sum(pair.arm is Arm.ADDRESS_KIND for pair in found) == 1


def test_rounds_are_read_from_conversations_and_programs_that_sort_keys_agree_with_those_that_do_not() -> None:
    def said(reply: bytes) -> Dialogue:
        line = Line(data=reply, after_ms=5.0)
        return Dialogue(
            transport=Transport.TCP,
            exchanges=(
                Exchange(name="server.version", sent=b"", lines=(line,)),
                Exchange(name="fee", sent=b"", lines=(Line(data=b'{"jsonrpc":"2.0","method":"x","params":[]}'), line)),
            ),
        )

    one = read_round({"wallet": said(b'{"jsonrpc":"2.0","result":[{"a":1,"b":2}],"id":1}')}, [FEE])
    other = read_round({"wallet": said(b'{"id":1,"jsonrpc":"2.0","result":[{"b":2,"a":1}]}')}, [FEE])

    assert one == other
    assert set(one["wallet"]) == {"fee"}
    assert one["wallet"]["fee"].after_ms == 5.0
