"""How things are put before people: classes, nouns in the right number, sizes, names that cannot steer."""

__all__ = ["count_of", "key_word", "sdk_word", "type_word", "visible", "weight"]

_TYPE_WORDS = {
    "ADVERTISING_ID": "Advertising ID",
    "CARD": "Payment card",
    "DEVICE_ID": "Device ID",
    "IBAN": "IBAN",
    "IP_ADDRESS": "IP address",
    "MAC_ADDRESS": "MAC address",
    "NATIONAL_ID": "National ID",
    "SSN": "SSN",
    "TAX_ID": "Tax ID",
    "VEHICLE_ID": "Vehicle ID",
}
_SDK_WORDS = {
    "appsflyer": "AppsFlyer",
    "clevertap": "CleverTap",
    "google_analytics": "Google Analytics",
    "moengage": "MoEngage",
    "onesignal": "OneSignal",
}


def visible(text: str) -> str:
    """Text on one line with nothing in it that steers: control, direction and zero-width characters as escapes."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def count_of(number: int, one: str, many: str = "") -> str:
    """A number with its noun: `1 file`, `1,200 files`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def weight(size: int) -> str:
    """Bytes as people read them: `1.5 KiB`."""
    amount = float(size)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if amount < 1024:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.1f} TiB"


def type_word(kind: str) -> str:
    """A class of personal data as people call it: `Date of birth`."""
    return _TYPE_WORDS.get(kind, kind.replace("_", " ").capitalize())


def sdk_word(name: str, component: str = "") -> str:
    """An SDK, and where it is known which part of it, as its users call it: `CleverTap · event queue`."""
    word = _SDK_WORDS.get(name, name.replace("_", " ").capitalize())
    return f"{word} · {component}" if component else word


def key_word(source: str) -> str:
    """A key by where it is from: `a key derived from the account id`."""
    return f"a key {source}" if source.startswith("derived") else f"a key from {source}"
