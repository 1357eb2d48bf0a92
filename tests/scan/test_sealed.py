"""Ciphertext in values: opened with what an attacker has, and named for what it is where it stays shut."""

import base64
import json
import re
from collections.abc import Iterator, Sequence
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import registry
from harness.detectors.base import Detector
from harness.devices.base import Holder
from harness.errors import AccessDenied, DeviceError, FormatError, Unanswered
from harness.formats.base import Format
from harness.limits import Limits
from harness.model import Access, Artifact, Bytes, Facts, Locator, Record, SealState, State, Value
from harness.persona import Persona
from harness.scan.scanner import Scanned, Scanner
from harness.scan.sealed import Keyring, Lock, Seal
from harness.scan.unfold import Unfolder
from harness.sdks.base import Cipher, FoundKey, KeyHolder

FORMATS = registry.load("formats", Format)
ROOT = frozenset({Access.ROOT_FILES, Access.ROOT_CODE})


class Turned(Cipher):
    """A toy that turns letters by a key of one byte, and marks what it sealed; letters only, so that it is told."""

    layer = "toy"
    sign = b"<t<"
    pattern: ClassVar[re.Pattern[bytes]] = re.compile(rb"<t<[^<>]*>t>")
    cues = (rb"<t<",)

    def keys(self, records: Sequence[Record]) -> Iterator[FoundKey]:
        for record in records:
            if record.key == "turn":
                yield FoundKey(layer="toy", source="the turn beside it", secret=bytes([int(str(record.value))]),
                               paths=(record.locator.path,))  # fmt: skip
            if record.key == "alias":
                yield FoundKey(layer="toy:keystore", source="the keystore", alias=str(record.value))

    def open(self, sealed: bytes, key: FoundKey, holder: KeyHolder | None) -> bytes | None:
        body = base64.b64decode(sealed[3:-3])
        if key.alias:
            assert holder is not None
            return holder.open(key.alias, body)
        plain = bytes(byte ^ key.secret[0] for byte in body)
        return plain[:-1] if plain.endswith(b"!") else None

    def fault(self, sealed: bytes) -> str:
        return "" if re.fullmatch(rb"[A-Za-z0-9+/]+=*", sealed[3:-3]) else "not Base64"


class Listed(Turned):
    """Spelled as a list of numbers, which is JSON as well; opened where the first is the turn."""

    sign = b"["
    pattern: ClassVar[re.Pattern[bytes]] = re.compile(rb"\[\d+(?:, \d+){3,}\]")
    cues = (rb"\[\d",)

    def open(self, sealed: bytes, key: FoundKey, holder: KeyHolder | None) -> bytes | None:
        numbers = bytes(map(int, sealed[1:-1].split(b", ")))
        return bytes(each ^ numbers[0] for each in numbers[4:]) if numbers[0] == key.secret[0] else None

    def fault(self, sealed: bytes) -> str:
        return "plain numbers" if sealed.startswith(b"[0") else ""


class Mine:
    """Opens what was turned by 7, under one alias."""

    attackers = frozenset({Access.ROOT_CODE})
    is_portable = True

    def open(self, alias: str, sealed: bytes) -> bytes:
        if alias != "mine":
            raise AccessDenied("no key of this name")
        return bytes(byte ^ 7 for byte in sealed)[:-1]


class Far(Mine):
    """The same at the other end of a connection; counts the questions that go there."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def open(self, alias: str, sealed: bytes) -> bytes:
        self.asked.append(1)
        return super().open(alias, sealed)

    def open_all(self, alias: str, sealed: Sequence[bytes]) -> list[bytes | DeviceError]:
        self.asked.append(len(sealed))
        return [super(Far, self).open(alias, each) for each in sealed]


class Gone(Mine):
    """A device that went away."""

    def open(self, alias: str, sealed: bytes) -> bytes:
        raise Unanswered("the device went away")


def turned(text: str, turn: int = 5) -> str:
    return f"<t<{base64.b64encode(bytes(byte ^ turn for byte in text.encode() + b'!')).decode()}>t>"


def record(key: str, value: str) -> Record:
    return Record(locator=Locator(path="settings.xml", steps=(key,)), value=value)


def keyring(*records: Record, holder: Holder | None = None) -> Keyring:
    ring = Keyring([Lock("toy", Turned())])
    ring.learn("", {"toy": records}, holder, {"settings.xml": ROOT})
    return ring


def seals(ring: Keyring, value: str) -> list[tuple[object, Seal]]:
    leaves = Unfolder(FORMATS, Limits(), ring.opener("")).leaves(value, ("data",), state=State.LIVE)
    return [
        (leaf.value, leaf.seal)
        for leaf in leaves
        if leaf.seal is not None and not (leaf.ciphertext and leaf.seal.state is SealState.OPENED)
    ]


@given(st.text("abcdefgh@.", min_size=1, max_size=40))
def test_what_a_key_beside_it_opens_goes_on_as_a_value(text: str) -> None:
    """With the layer and with who has that key; what was written comes back."""
    ((value, seal),) = seals(keyring(record("turn", "5")), "so " + turned(text))

    assert value == text
    assert seal == Seal(sdk="toy", layer="toy", state=SealState.OPENED, reason="the turn beside it", opened_by=ROOT)


def test_an_open_document_is_searched_to_its_leaves() -> None:
    """Names and values in it, and what is sealed in there again: who opens that has both keys."""
    inner = json.dumps({"Email_" + turned("a@example.org"): 1, "note": turned("deep")})
    found = seals(keyring(record("turn", "5")), turned(inner))

    assert {value for value, _ in found} >= {"a@example.org", "deep", 1}
    assert all(seal.opened_by == ROOT for _, seal in found)


def test_what_stays_shut_is_named_for_what_it_is() -> None:
    """No key, keys that do not fit, a keystore that nobody asked or that refuses, and no ciphertext at all."""
    sealed = turned("secret")

    def outcome(ring: Keyring, value: str = sealed) -> tuple[SealState, str]:
        ((_, seal),) = seals(ring, value)
        return seal.state, seal.reason

    assert outcome(keyring()) == (SealState.NO_KEY, "no key was found to try")
    assert outcome(keyring(record("turn", "6"))) == (SealState.RESISTED, "the turn beside it: does not open it")
    assert outcome(keyring(record("alias", "mine")))[0] is SealState.NO_KEY
    assert outcome(keyring(record("alias", "other"), holder=Mine())) == (
        SealState.RESISTED,
        "the keystore: no key of this name",
    )
    assert outcome(keyring(record("turn", "5")), "<t<;;;>t>") == (SealState.MALFORMED, "not Base64")


def test_who_may_have_a_key_that_nobody_tried() -> None:
    """Where the storage gives none away, anybody; where a keystore was not asked, code that runs as the app; and of
    what was tried or is no ciphertext, nobody."""
    sealed = turned("secret", 5)

    def untried(ring: Keyring, value: str = sealed) -> frozenset[Access]:
        ((_, seal),) = seals(ring, value)
        return seal.untried_by

    assert untried(keyring()) == frozenset(Access)
    assert untried(keyring(record("alias", "mine"))) == {Access.ROOT_CODE}
    assert untried(keyring(record("alias", "mine"), holder=Gone())) == {Access.ROOT_CODE}
    assert untried(keyring(record("turn", "6"))) == frozenset()
    assert untried(keyring(record("turn", "5")), "<t<;;;>t>") == frozenset()


def test_the_keystore_opens_for_code_alone() -> None:
    """And only after the keys that lie about were tried."""
    ring = keyring(record("turn", "6"), record("alias", "mine"), holder=Mine())
    ((value, seal),) = seals(ring, turned("secret", 7))

    assert value == "secret"
    assert (seal.layer, seal.opened_by) == ("toy:keystore", {Access.ROOT_CODE})


def test_a_container_without_the_sdk_is_not_searched_for_its_ciphertext() -> None:
    """Marks of an SDK that is not there are marks of something else."""
    ring = Keyring([Lock("toy", Turned())])
    ring.learn("", {}, None, {})

    assert seals(ring, turned("secret")) == []
    assert seals(Keyring(), turned("secret")) == []


def test_the_raw_lane_finds_ciphertext_where_nothing_else_is_suspicious() -> None:
    """In a file that is not decoded in full; what opened is a hit with its seal, what did not counts as encrypted."""
    detectors = registry.load("detectors", Detector)
    ring = keyring(record("turn", "5"))
    scanner = Scanner(FORMATS, detectors, persona=Persona(email="jane.roe@example.org"), keyring=ring)
    text = json.dumps({"a": turned("jane.roe@example.org"), "b": turned("somebody", 9)})
    artifact = Artifact(facts=Facts(path="a.json", size=len(text)), content=Bytes(text.encode()))
    (scanned,) = scanner.scan([artifact])

    assert isinstance(scanned, Scanned)
    ((hit),) = scanned.hits
    assert (hit.persona_field, hit.layers, hit.leaf.steps) == ("email", ("toy",), ("a",))
    assert hit.leaf.seal is not None
    assert hit.leaf.seal.opened_by == ROOT
    assert {leaf.seal.state for leaf in scanned.sealed if leaf.seal} == {SealState.OPENED, SealState.RESISTED}
    assert scanned.coverage.shares["encrypted"] == len(turned("somebody", 9))


def test_a_keystore_that_did_not_answer_has_not_kept_it_shut() -> None:
    """A device that goes away during a scan leaves what nobody could try, and says why."""
    ring = keyring(record("alias", "mine"), holder=Gone())
    ((_, seal),) = seals(ring, turned("secret", 7))

    assert (seal.state, seal.reason) == (SealState.NO_KEY, "the keystore: the device went away")


def test_a_keystore_that_is_far_away_is_asked_about_many_at_a_time() -> None:
    """The values are the same ones, in order; each ciphertext is asked about once, a queue in few questions."""
    far = Far()
    opener = keyring(record("alias", "mine"), holder=far).opener("")
    values = [Value(("data", n), turned(f"number {'x' * n}", 7)) for n in range(700)]
    opened = []
    for value in opener.foreseen(iter(values)):
        opened += [each.plain.decode() for each in opener.opened(str(value.value).encode())]

    assert opened == [f"number {'x' * n}" for n in range(700)]
    assert sum(far.asked) == 700
    assert len(far.asked) <= 4


def test_what_comes_before_damage_is_handed_on_before_it() -> None:
    """Asked ahead or not."""

    def damaged() -> Iterator[Value]:
        yield Value(("data",), turned("secret", 7))
        raise FormatError("damaged")

    for holder in (Far(), Mine()):
        seen = keyring(record("alias", "mine"), holder=holder).opener("").foreseen(damaged())

        assert next(seen).steps == ("data",)
        with pytest.raises(FormatError):
            next(seen)


@pytest.mark.parametrize("turn", ["5", "6"])
def test_ciphertext_that_reads_as_a_document_is_ciphertext(turn: str) -> None:
    """Opened, be it to nothing, or shut: never a list of numbers that somebody stored."""
    ring = Keyring([Lock("toy", Listed())])
    ring.learn("", {"toy": [record("turn", turn)]}, None, {"settings.xml": ROOT})
    unfolder = Unfolder(FORMATS, Limits(), ring.opener(""))

    def leaves(value: str) -> list[tuple[object, SealState | None]]:
        found = unfolder.leaves(value, ("data",), state=State.LIVE)
        return [(leaf.value, leaf.seal.state if leaf.seal else None) for leaf in found]

    if turn == "5":
        assert leaves("[5, 9, 9, 9, 100]") == [(None, SealState.OPENED), ("a", SealState.OPENED)]
        assert leaves("[5, 9, 9, 9]") == [(None, SealState.OPENED), ("", SealState.OPENED)]
    else:
        assert leaves("[5, 9, 9, 9, 100]") == [("[5, 9, 9, 9, 100]", None), (None, SealState.RESISTED)]
    assert leaves("[0, 1, 2, 3]") == [(0, None), (1, None), (2, None), (3, None)]
