"""The demo: a person gets an app, logs in, shops, and lets it know where they are."""

from collections.abc import Iterator

from harness.persona import Persona
from harness.scenarios.clock import SEED, Clock
from harness.sdks.base import (
    Charged,
    Erased,
    Event,
    EventPushed,
    InAppReceived,
    InboxReceived,
    Installed,
    Launched,
    LocationSet,
    LoggedIn,
    LoggedOut,
    OptedOut,
    ProfilePushed,
    PushTokenReceived,
    ServerAnswered,
    WentOffline,
    WentOnline,
)

__all__ = ["demo_events"]


def demo_events(persona: Persona, mode: str, seed: bytes = SEED) -> tuple[Event, ...]:
    """Install, log in, look, pay, allow location, be written to; and where the mode is about erasure, ask for it."""
    clock = Clock(seed)
    identity = "customer-" + clock.draw("identity")
    viewed: dict[str, str | float] = {"product": "Desk lamp", "total": 42.5}
    return (
        Installed(**clock.next()),
        Launched(**clock.next()),
        PushTokenReceived(**clock.next(), token=clock.draw("push token")),
        ServerAnswered(**clock.next(), values={"rc_n": 5, "rc_w": 60}),
        LoggedIn(**clock.next(), identity=identity, profile=dict(persona.items())),
        EventPushed(**clock.next(), label="Product Viewed", properties=viewed),
        WentOnline(**clock.next()),
        *_messages(persona, clock),
        # From here on everything that is queued stays on the device.
        WentOffline(**clock.next()),
        ProfilePushed(**clock.next(), profile=dict(persona.items())),
        EventPushed(**clock.next(), label="Checkout", properties=_checkout(persona)),
        Charged(**clock.next(), details={"total": 42.5, "currency": "EUR"}, items=({"product": "Desk lamp"},)),
        *_place(persona, clock),
        Launched(**clock.next()),
        EventPushed(**clock.next(), label="Screen Viewed", properties={"screen": "orders"}),
        *(_erasure(clock) if mode == "erased" else ()),
    )


def _messages(persona: Persona, clock: Clock) -> Iterator[Event]:
    """Campaigns call people by their names."""
    greeting = f"Hello {persona.name}" if persona.name else "Hello"
    yield InboxReceived(**clock.next(), message="message-1", title=greeting, text="Your desk lamp is waiting.")
    yield InAppReceived(**clock.next(), campaign="campaign-1", text=f"{greeting}, 10% off today")


def _checkout(persona: Persona) -> dict[str, str | int | float]:
    """What a careless developer pushes with an order."""
    given = {"address": persona.address, "email": persona.email, "phone": persona.phone, "card": persona.card}
    order: dict[str, str | int | float] = {"product": "Desk lamp", "quantity": 1, "total": 42.5, "currency": "EUR"}
    return order | {name: value for name, value in given.items() if value is not None}


def _place(persona: Persona, clock: Clock) -> Iterator[Event]:
    if persona.location is not None:
        latitude, longitude = persona.location
        yield LocationSet(**clock.next(), latitude=latitude, longitude=longitude)


def _erasure(clock: Clock) -> Iterator[Event]:
    yield OptedOut(**clock.next())
    yield LoggedOut(**clock.next())
    yield Erased(**clock.next())
