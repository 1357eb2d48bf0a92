"""What happens in the demo."""

from harness.persona import Persona, demo_persona
from harness.scenarios import demo_events
from harness.sdks.base import Erased, EventPushed, LocationSet, LoggedIn, LoggedOut


def test_the_demo_has_one_clock_and_chance_for_each_event() -> None:
    """Time goes up, no entropy comes twice."""
    events = demo_events(demo_persona(), "erased")

    assert [event.at for event in events] == sorted({event.at for event in events})
    assert len({event.entropy for event in events}) == len(events)
    assert all(len(event.entropy) == 32 for event in events)


def test_the_demo_says_all_of_the_person() -> None:
    """Login, an order with the address, a location; log-out and erasure only where the mode is about them."""
    persona = demo_persona()
    kinds = [type(event) for event in demo_events(persona, "plain")]
    [login] = [event for event in demo_events(persona, "plain") if isinstance(event, LoggedIn)]
    orders = [event for event in demo_events(persona, "plain") if isinstance(event, EventPushed)]

    assert dict(login.profile) == dict(persona.items())
    assert any(order.properties.get("address") == persona.address for order in orders)
    assert LocationSet in kinds
    assert LoggedOut not in kinds
    assert [type(event) for event in demo_events(persona, "erased")][-2:] == [LoggedOut, Erased]


def test_a_person_without_a_place_or_address_is_played_too() -> None:
    """Fields that are not set are not pushed."""
    events = demo_events(Persona(email="jane@example.org"), "plain")

    assert LocationSet not in [type(event) for event in events]
    assert not any("address" in event.properties for event in events if isinstance(event, EventPushed))
