"""Invented values of the six classes of personal data, and the text of an app that stands around them."""

import json
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

__all__ = ["KEYS", "Chance", "normal"]

KEYS: Mapping[str, tuple[str, ...]] = {
    "EMAIL": ("email", "user_email", "mail", "login"),
    "PHONE": ("phone", "phoneNumber", "mobile", "msisdn"),
    "CARD": ("card_number", "cardNo", "pan"),
    "SSN": ("ssn", "social_security_number"),
    "LOCATION": ("location", "latlng", "last_location"),
    "ADVERTISING_ID": ("advertising_id", "gaid", "idfa"),
}
"""Class to the names that apps store it under."""

_WORDS = tuple(
    """
    account add again all amount any app back banner basket build button buy cache call cart change channel check
    click close code color config count create current data day default delete detail device display done down edit
    enable end entry error event exit feature feed field file filter first flag flow form frame free get group guide
    height help home icon image index info init item job join key kind label large last layer left level like line
    link list load local log main map mark menu message mode model month more name network new next node note number
    offer open option order page parent part pause place plan play point popup post price product promo push queue
    quick range rate ready recent refresh region reload reply report reset result return review right root row rule
    sale save score screen scroll search section select send server session set shop show side sign size skip slot
    small sort sound source start state status step stop store style submit sync tab tag target task team test text
    theme thumb time title toggle token top total track trial type unit update upload user value version video view
    visit voice volume wait week widget width window word year zone
    """.split()  # noqa: SIM905 - a page of strings in quotes is no list to read
)
_NAMES = tuple("ada ben cleo dara eli faye gus hana ivo juno kira levi mona nils olga pia quin rosa sven".split())  # noqa: SIM905
_DOMAINS = ("example.org", "example.com", "mail.example.net", "shop.example.co.uk", "staff.example.edu")


def luhn(digits: str) -> str:
    """The digit that makes the checksum of a card number hold."""
    total = 0
    for place, each in enumerate(reversed(digits)):
        doubled = int(each) * (2 - place % 2)
        total += doubled - 9 * (doubled > 9)
    return str(-total % 10)


@dataclass(slots=True)
class Chance:
    """The only source of chance: one seed, one corpus."""

    seed: int
    rng: random.Random = field(init=False)
    _used: set[str] = field(default_factory=set)
    _events: list[str] = field(default_factory=list)
    _noise: bytes = b""

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self._events = [self._event() for _ in range(800)]
        self._noise = self.rng.randbytes(8 << 20)

    # -- personal data ---------------------------------------------------------------------------

    def person(self) -> tuple[str, str, str]:
        """Class, key and a value that no other call gives."""
        kind = self.rng.choices(list(KEYS), (25, 22, 14, 10, 17, 12))[0]
        make: Mapping[str, Callable[[], str]] = {
            "EMAIL": self._email,
            "PHONE": self._phone,
            "CARD": self._card,
            "SSN": lambda: (
                f"{self.rng.randint(100, 665)}-{self.rng.randint(1, 99):02d}-{self.rng.randint(1, 9999):04d}"
            ),
            "LOCATION": lambda: f"{self.rng.uniform(25, 60):.6f},{self.rng.uniform(-122, 40):.6f}",
            "ADVERTISING_ID": self.uuid,
        }
        while True:
            value = make[kind]()
            if normal(kind, value) not in self._used and "-00-" not in value:
                self._used.add(normal(kind, value))
                return kind, self.rng.choice(KEYS[kind]), value

    def digits(self, count: int) -> str:
        """That many."""
        return "".join(self.rng.choices("0123456789", k=count))

    def uuid(self) -> str:
        """Of version 4."""
        text = self.rng.randbytes(16).hex()
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{self.rng.choice('89ab')}{text[17:20]}-{text[20:]}"

    def _email(self) -> str:
        form = self.rng.choice(("{0}.{1}{2}", "{0}_{2}", "{1}{2}", "{0}+{1}{2}"))
        return form.format(*self.rng.sample(_NAMES, 2), self.digits(4)) + "@" + self.rng.choice(_DOMAINS)

    def _phone(self) -> str:
        area, office, line = self.rng.choice(("415", "212", "646", "303")), f"5{self.digits(2)}", self.digits(4)
        return self.rng.choice((
            f"+1{area}{office}{line}", f"({area}) {office}-{line}", f"{area}-{office}-{line}",
            f"{area}.{office}.{line}", f"+1 {area} {office} {line}", f"+44 7700 9{self.digits(5)}",
            f"+49 151 {self.digits(8)}", f"+33 6 {self.digits(2)} {self.digits(2)} {self.digits(2)} {self.digits(2)}",
        ))  # fmt: skip

    def _card(self) -> str:
        start, size = self.rng.choice((("411111", 16), ("555555", 16), ("601111", 16), ("378282", 15)))
        number = start + self.digits(size - len(start) - 1)
        number += luhn(number)
        gap = self.rng.choice(("", " ", "-"))
        cuts = (0, 4, 10, 15) if size == 15 else (0, 4, 8, 12, 16)
        return gap.join(number[a:b] for a, b in pairwise(cuts))

    # -- what is not ---------------------------------------------------------------------------------

    def words(self, count: int) -> str:
        """Plain text."""
        return " ".join(self.rng.choices(_WORDS, k=count))

    def noise(self, count: int) -> bytes:
        """Bytes as of an image or of ciphertext."""
        at = self.rng.randrange(len(self._noise) // 2)
        whole = self._noise[at:] + self._noise * (count // len(self._noise))
        return whole[:count]

    def event(self) -> str:
        """One event of an app as JSON, with ids and a time of its own."""
        text = self.rng.choice(self._events)
        return text.replace("@U@", self.uuid(), 1).replace("@T@", str(1700000000000 + self.rng.randrange(10**10)), 1)

    def _event(self) -> str:
        """Everything that is easily taken for personal data: counts, times, hashes, versions, names of images."""
        rng = self.rng

        def fact() -> object:
            return rng.choice((
                rng.random(), rng.randrange(10**12), self.digits(16), self.words(8), True, None,
                rng.randbytes(20).hex(), f"icon@{rng.randint(2, 3)}x.png",
                f"left-pad@{rng.randrange(9)}.{rng.randrange(30)}.1",
                f"{rng.randrange(300)}.{rng.randrange(99)}.{rng.randrange(20)}",
                f"https://cdn.example.test/{rng.choice(_WORDS)}/{self.digits(9)}.webp?sig={rng.randbytes(16).hex()}",
            ))  # fmt: skip

        return json.dumps({
            "event_id": "@U@",
            "ts": "@T@",
            "name": f"{rng.choice(_WORDS)}_{rng.choice(_WORDS)}",
            "session": {"id": self.uuid(), "start": 1700000000000 + rng.randrange(10**10), "n": rng.randrange(500)},
            "app": {"v": f"{rng.randrange(9)}.{rng.randrange(20)}.{rng.randrange(99)}", "build": self.digits(6)},
            "device": {"model": rng.choice(("Pixel 7", "iPhone14,5")), "density": round(rng.uniform(1, 4), 4)},
            "props": {f"{rng.choice(_WORDS)}{n}": fact() for n in range(rng.randint(3, 14))},
            "items": [{"sku": self.digits(12), "p": round(rng.uniform(1, 500), 2)} for _ in range(rng.randrange(5))],
        }, separators=(",", ":")).replace('"@T@"', "@T@")  # fmt: skip


def normal(kind: str, value: str) -> str:
    """One form for all spellings of a value, by its class."""
    match kind:
        case "PHONE" | "CARD" | "SSN":
            digits = re.sub(r"\D", "", value)
            return digits[-10:] if kind == "PHONE" else digits
        case "LOCATION":
            return ",".join(each.rstrip("0") for each in re.findall(r"-?\d+\.\d{4,}", value))
    return value.lower()
