"""People who do not exist: one for demos, and one for each seed.

Values that a seed gives are reserved for documentation and tests, or belong to nobody for being made of chance: so
much of it that none of the forms which count by themselves is met by chance in 100 GB, but for one time in a million
(`chance`).
"""

import hashlib
from collections.abc import Sequence

from harness.persona.person import Persona

__all__ = ["demo_persona", "new_persona"]


def demo_persona() -> Persona:
    """The person that demos and examples use."""
    return Persona(
        name="Jane Roe",
        email="jane.roe@example.org",
        phone="+1 415 555 0132",
        date_of_birth="1990-04-17",
        address="221 Example Street, Springfield, IL 62701",
        passport="X00001234",
        card="4111 1111 1111 1111",
        ssn="219-09-9999",
        fingerprint="Rk1SACAyMAAAAAEIAAABPAFiAMUAxQEAAAAoJw==",
        username="janeroe90",
        location=(37.422131, -122.084801),
        advertising_id="38400000-8cf0-41bd-b23e-10b96e40000d",
    )


_FIRST = ("Ada", "Ben", "Cleo", "Dara", "Eli", "Faye", "Gus", "Hana", "Ivo", "Juno", "Kira", "Levi", "Mona", "Nils")
_LAST = ("Archer", "Birch", "Calder", "Dunmore", "Elwood", "Fenwick", "Garrow", "Hollis", "Ingram", "Jessop", "Kerr")
_STREETS = ("Street", "Avenue", "Lane", "Road", "Drive")
_CONSONANTS, _VOWELS = "bdfgjkpvwzxlmnrt", "aeiou"
_TESTED = "400000"
"""What published test numbers of payment processors begin with."""


def new_persona(seed: bytes) -> Persona:
    """A person that no other seed gives: reserved domain, documentation numbers, a card number that tests use."""
    stream = hashlib.shake_256(b"storage-harness persona" + seed).digest(96)

    def pick(at: int, choices: Sequence[str]) -> str:
        return choices[stream[at] % len(choices)]

    first, last, tag = pick(0, _FIRST), pick(1, _LAST), stream[2:7].hex()
    number = int.from_bytes(stream[7:9]) % 100
    uuid = stream[10:26].hex()
    variant = "89ab"[stream[26] & 3]
    return Persona(
        name=f"{first} {last}-{_word(stream[46:56])}",
        email=f"{first.lower()}.{tag}@example.org",
        phone=f"+1 {200 + stream[9] % 700} 555 01{number:02d}",
        date_of_birth=f"{1950 + stream[27] % 55}-{1 + stream[28] % 12:02d}-{1 + stream[29] % 28:02d}",
        address=(
            f"{100 + int.from_bytes(stream[30:32]) % 900} {_word(stream[56:66])} {pick(32, _STREETS)}, "
            "Springfield, IL 62701"
        ),
        passport=f"X{int.from_bytes(stream[33:37]) % 10**8:08d}",
        card=_with_check_digit(f"{_TESTED}{int.from_bytes(stream[66:72]) % 10**9:09d}"),
        ssn="219-09-9999",
        fingerprint=None,
        username=f"{first.lower()}_{tag}",
        location=(
            round(37 + _millionths(stream[40:43]), 6),
            round(-122 - _millionths(stream[43:46]), 6),
        ),
        advertising_id=f"{uuid[:8]}-{uuid[8:12]}-4{uuid[13:16]}-{variant}{uuid[17:20]}-{uuid[20:32]}",
    )


def _millionths(stream: bytes) -> float:
    """Less than one, with all six decimals: the last is no zero, which nobody would write."""
    tens, last = divmod(int.from_bytes(stream), 9)
    return (tens % 10**5 * 10 + last + 1) / 10**6


def _word(stream: bytes) -> str:
    """One that can be spoken and is in no dictionary: a syllable for two bytes."""
    pairs = zip(stream[::2], stream[1::2], strict=True)
    text = "".join(_CONSONANTS[one % len(_CONSONANTS)] + _VOWELS[other % len(_VOWELS)] for one, other in pairs)
    return text.capitalize()


def _with_check_digit(digits: str) -> str:
    """ISO/IEC 7812: the Luhn digit behind them."""
    doubled = (int(digit) * 2 for digit in digits[::-2])
    total = sum(each - 9 * (each > 9) for each in doubled) + sum(map(int, digits[-2::-2]))
    return f"{digits}{-total % 10}"
