"""A clock that goes on by itself, and dice that a seed has thrown."""

from harness.scenarios.clock import BEGIN, Clock


def test_time_goes_on_and_no_chance_comes_twice() -> None:
    """The same seed throws the same; another throws otherwise."""
    one, same, other = Clock(b"1"), Clock(b"1"), Clock(b"2")
    moments = [one.next() for _ in range(100)]

    assert moments == [same.next() for _ in range(100)]
    assert [moment["at"] for moment in moments] == [BEGIN + 60 * number for number in range(100)]
    assert len({moment["entropy"] for moment in [*moments, other.next()]}) == 101


def test_a_wait_is_counted_from_the_last_event() -> None:
    """Or from the begin; then the clock goes on in its own steps."""
    clock = Clock(b"1", at=100, step=10)
    clock.wait(5)
    first = clock.next()["at"]
    clock.wait(0)
    second = clock.next()["at"]

    assert (first, second, clock.next()["at"]) == (105, 105, 115)


def test_drawn_names_are_of_the_label_and_hold_no_digits() -> None:
    """Whenever one asks."""
    clock = Clock(b"1")
    drawn = clock.draw("identity")
    clock.next()

    assert drawn == clock.draw("identity") != clock.draw("token")
    assert drawn.isalpha()
