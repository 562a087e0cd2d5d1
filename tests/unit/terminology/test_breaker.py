"""The decision table of the breaker, row by row."""

from interop.terminology.breaker import Breaker, Patience

PATIENCE = Patience(failures=3, pause=30, longest=100)


def opened(now: float = 0.0) -> Breaker:
    breaker = Breaker()
    for _ in range(3):
        breaker = breaker.failed(now, PATIENCE)
    return breaker


def test_a_closed_breaker_lets_everybody_ask():
    assert Breaker().ask(0) == Breaker()
    assert Breaker(failures=2).ask(0) == Breaker(failures=2)


def test_an_answer_makes_good_for_failures():
    assert Breaker(failures=2).answered() == Breaker()


def test_the_last_allowed_failure_opens_it():
    two = Breaker().failed(0, PATIENCE).failed(0, PATIENCE)
    assert not two.is_open
    assert two.failed(5, PATIENCE) == Breaker(failures=3, pause=30, due=35)


def test_while_open_nobody_asks_until_the_pause_is_over():
    assert opened().ask(29.9) is None
    assert opened().ask(30.0) is not None


def test_one_tries_and_the_others_wait_for_it():
    trying = opened().ask(30)
    assert trying is not None
    assert trying.ask(31) is None


def test_a_failed_try_doubles_the_pause_up_to_the_longest():
    breaker = opened()
    pauses = []
    for now in (30, 200, 400):
        trying = breaker.ask(now)
        assert trying is not None
        breaker = trying.failed(now, PATIENCE, tried=True)
        pauses.append(breaker.due - now)
    assert pauses == [60, 100, 100]


def test_a_try_that_is_answered_closes_it():
    trying = opened().ask(30)
    assert trying is not None
    assert not trying.answered().is_open


def test_a_late_failure_of_one_who_asked_before_leaves_the_pause_alone():
    late = opened().failed(10, PATIENCE)
    assert (late.due, late.pause, late.failures) == (30, 30, 4)
