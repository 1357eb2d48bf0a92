"""The app in front of the SDK: what it pushes, by the storage mode that it wants to keep."""

from collections.abc import Mapping
from datetime import UTC, datetime

from harness.sdks.base import LoggedIn
from harness.sdks.clevertap.cleaning import Property

__all__ = ["Integration"]

_NAMES = {"name": "Name", "email": "Email", "phone": "Phone", "date_of_birth": "DOB", "gender": "Gender"}
"""Fields of a person to the SDK's own names; others go as custom properties."""
_HARMLESS = frozenset(
    {"product", "quantity", "total", "currency", "screen", "plan", "language", "amount", "payment mode", "items"}
)
"""What the app's tracking plan allows on the device; everything else is personal until somebody says otherwise."""
_DIGITS = 18
_SHORT = 2


class Integration:
    """One way to build the SDK in."""

    def __init__(self, mode: str) -> None:
        self._mode = mode
        self._kept_back: dict[str, str] = {}
        """What the SDK's server does not know, and what it knows instead."""

    @property
    def hands_over_location(self) -> bool:
        """An app that keeps the person's data off the device keeps the location back as well."""
        return self._mode not in _DISCREET

    @property
    def opts_out_for_erasure(self) -> bool:
        """The SDK erases nothing itself, so the app at least stops it."""
        return self._mode == "erased"

    def login(self, event: LoggedIn) -> dict[str, Property]:
        """What is given to `onUserLogin`."""
        self._kept_back.clear()
        identity: dict[str, Property] = {"Identity": _identity(event.identity)}
        return identity | {name: value for name, value in self.profile(event.profile).items() if value is not None}

    def profile(self, profile: Mapping[str, Property | None]) -> dict[str, Property | None]:
        """What is given to `pushProfile`; a value of None becomes `removeValueForKey`."""
        named = {_NAMES.get(name, name): _as_pushed(name, value) for name, value in profile.items()}
        match self._mode:
            case "masked":
                masked = {name: None if value is None else _mask(name, value) for name, value in named.items()}
                self._keep_back(profile, masked)
                return masked
            case "identifier-only":
                self._keep_back(profile, {})
                return {}
            case "hybrid":
                return {name: value for name, value in named.items() if name.lower() in _HARMLESS}
            case _:
                return named

    def addressed(self, text: str) -> str:
        """A text of a campaign, which can name only what the server knows.

        In the hybrid mode it knows all, from the app's own server: a campaign brings to the device what was kept off.
        """
        for value in sorted(self._kept_back, key=len, reverse=True):
            text = text.replace(value, self._kept_back[value])
        return text.strip()

    def _keep_back(self, profile: Mapping[str, Property | None], pushed: Mapping[str, Property | None]) -> None:
        for name, value in profile.items():
            known = pushed.get(_NAMES.get(name, name), "")
            if isinstance(value, str) and len(value) > _SHORT and value != known:
                self._kept_back[value] = str(known)

    def properties(self, properties: Mapping[str, Property]) -> dict[str, Property]:
        """What is given to `pushEvent`."""
        match self._mode:
            case "masked":
                return {name: _mask(name, value) for name, value in properties.items()}
            case "identifier-only" | "hybrid":
                return {name: value for name, value in properties.items() if name.lower() in _HARMLESS}
            case _:
                return dict(properties)


_DISCREET = frozenset({"masked", "identifier-only", "hybrid"})


def _identity(text: str) -> Property:
    """Apps push the number of a user as a number, as CleverTap's examples do."""
    number = text.isascii() and text.isdecimal() and len(text) <= _DIGITS and not text.startswith("0")
    return int(text) if number else text


def _as_pushed(name: str, value: Property | None) -> Property | None:
    if not isinstance(value, str):
        return value
    match name:
        case "phone":
            return value.replace(" ", "")
        case "date_of_birth":
            return _date(value)
        case _:
            return value


def _date(text: str) -> str:
    """A date as the SDK stores it."""
    try:
        day = datetime.fromisoformat(text)
    except ValueError:
        return text
    seconds = int(day.replace(tzinfo=day.tzinfo or UTC).timestamp())
    return f"$D_{seconds}"


def _mask(name: str, value: Property) -> Property:
    """First letters of an address, the last four of a card, nothing of anything else that is not harmless."""
    if name.lower() in _HARMLESS or isinstance(value, bool):
        return value
    text = str(value)
    match name.lower():
        case "email":
            person, _, domain = text.partition("@")
            return f"{person[:1]}***@{domain[:1]}***"
        case "card":
            return f"**** {text[-4:]}"
        case _:
            return "***"
