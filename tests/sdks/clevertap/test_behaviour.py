"""A life of CleverTap's SDK: equal events, equal effects."""

from harness.model import Platform
from harness.persona import demo_persona
from harness.sdks.base import Life, Setup
from harness.sdks.clevertap import CleverTap
from harness.simulation import FormatWriter, demo_events


class Keystore:
    """One that seals with a fixed pattern: lives are compared, not opened."""

    def seal(self, alias: str, plain: bytes, *, nonce: bytes) -> bytes:
        return nonce + plain[::-1] + alias.encode()[:1] * 16


def life(mode: str = "plain", version: str = "8.2.0", level: int | None = None, api: int = 34) -> Life:
    return CleverTap().start(
        Setup(
            platform=Platform.ANDROID,
            mode=mode,
            version=version,
            app="com.example.shop",
            sealer=Keystore(),
            writer=FormatWriter(),
            level=level,
            api=api,
        )
    )


def test_equal_events_have_equal_effects() -> None:
    """No clock, no dice."""
    one, other = (
        [list(each.react(event)) for event in demo_events(demo_persona(), "plain")] for each in (life(), life())
    )

    assert one == other
