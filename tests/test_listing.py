"""Every value of every file, one line each: masked unless the caller may see them."""

import base64
import gzip
import json
from collections.abc import Iterator
from types import TracebackType
from typing import Self

import pytest

from harness.errors import AccessDenied
from harness.limits import Limits
from harness.listing import Broken, fingerprint_values, list_values
from harness.model import Artifact, Buffer, Bytes, DeviceProfile, Facts, Record, Unread
from harness.persona import Persona, demo_persona
from harness.persona.forms import forms_of
from harness.pipeline import Job, Plugins
from harness.redaction import Redactor

PLUGINS = Plugins.load()
REDACTOR = Redactor(b"0123456789abcdef-for-tests-only")
JANE = demo_persona()
MAIL, CARD = "ada.birch@example.com", "5555 5555 5555 4444"


class Shelf:
    """A source in memory: what it holds, it hands out."""

    name = "shelf"
    profile: DeviceProfile | None = None

    def __init__(self, *items: Artifact | Unread) -> None:
        self._items = items

    def collect(self) -> Iterator[Artifact | Unread]:
        yield from self._items

    def close(self) -> None:
        """Nothing to let go of."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Refusing:
    """Content that a device refuses when it is asked for."""

    size = 40

    def read(self) -> Buffer:
        raise AccessDenied("locked since boot")


def stored(path: str, data: bytes | str, *, container: str = "") -> Artifact:
    raw = data.encode() if isinstance(data, str) else data
    return Artifact(facts=Facts(path=path, container=container, size=len(raw)), content=Bytes(raw))


def listed(
    *items: Artifact | Unread, reveal: bool = False, persona: Persona | None = None, limits: Limits | None = None
) -> list[Record | Broken]:
    job = Job(source=Shelf(*items), redactor=REDACTOR, persona=persona, limits=limits or Limits())
    return list(list_values(job, PLUGINS, reveal=reveal))


def lines(
    *items: Artifact | Unread, reveal: bool = False, persona: Persona | None = None
) -> list[tuple[str, object]]:
    """Place and value of those that could be decoded."""
    return [
        (str(each.locator), each.value)
        for each in listed(*items, reveal=reveal, persona=persona)
        if isinstance(each, Record)
    ]


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


# -- what is shown -------------------------------------------------------------------------------


def test_values_are_masked_unless_they_may_be_seen() -> None:
    """The rest of the text stays, so that the line still says something."""
    item = stored("a.json", json.dumps({"note": f"write to {MAIL} soon", "n": 7, "ok": True, "card": CARD}))

    assert lines(item) == [
        ("a.json#/note", "write to a***@example.com soon"), ("a.json#/n", 7), ("a.json#/ok", True),
        ("a.json#/card", "**** 4444"),
    ]  # fmt: skip
    assert lines(item, reveal=True) == [
        ("a.json#/note", f"write to {MAIL} soon"), ("a.json#/n", 7), ("a.json#/ok", True), ("a.json#/card", CARD),
    ]  # fmt: skip


def test_several_values_in_one_text_are_all_masked() -> None:
    """Masks are of other lengths than values; none shifts another."""
    ((_, value),) = lines(stored("a.json", json.dumps([f"{MAIL};{CARD};{MAIL}"])))

    assert value == "a***@example.com;**** 4444;a***@example.com"


def test_a_number_that_is_personal_becomes_its_mask() -> None:
    """What was stored as an integer is shown as text."""
    ((_, value),) = lines(stored("a.json", json.dumps({"card": 5555555555554444})))

    assert value == "**** 4444"


@pytest.mark.parametrize(
    "encode",
    [
        b64,
        lambda text: b64(f'{{"x": "{text}"}}'),
        lambda text: f"a b {b64(text)} c",
        lambda text: text.encode().hex(),
        lambda text: base64.b64encode(gzip.compress(text.encode() * 3, mtime=0)).decode(),
        lambda text: b64(b64(text) + " "),
    ],
    ids=["base64", "document", "embedded", "hex", "gzip", "twice"],
)
@pytest.mark.parametrize("persona", [None, JANE])
def test_an_encoded_value_is_masked_with_what_it_holds(encode, persona: Persona | None) -> None:  # type: ignore[no-untyped-def]
    """Merely encoded is readable: the encoded line must not give away what the decoded line hides."""
    encoded = encode(f"mail {MAIL} of hers")
    records = listed(stored("a.json", json.dumps({"blob": encoded, "z": "plain"})), persona=persona)
    shown = [each.value for each in records if isinstance(each, Record)]

    assert "mail a***@example.com of hers" in [str(each)[:29] for each in shown]
    assert [each for each in shown if encoded in str(each) or b64(MAIL)[4:20] in str(each)] == []
    assert "plain" in shown
    assert [each for each in shown if isinstance(each, bytes) and MAIL[:3].encode() in each] == []


def test_an_encoded_value_without_anything_personal_is_shown() -> None:
    """Masking everything that is encoded would hide what a tester looks for."""
    encoded = b64("nothing to see here, move along")

    assert lines(stored("a.json", json.dumps({"blob": encoded}))) == [
        ("a.json#/blob", encoded), ("a.json#/blob", "nothing to see here, move along"),
    ]  # fmt: skip


def test_layers_and_formats_are_told() -> None:
    """As the contract has them."""
    records = listed(stored("a.json", json.dumps({"blob": b64("nothing to see here")})))

    assert [(each.format, each.layers) for each in records if isinstance(each, Record)] == [
        ("json_text", ()), ("json_text", ("base64",)),
    ]  # fmt: skip


def test_names_are_veiled_like_values() -> None:
    """Keys, paths and containers are stored data."""
    item = stored(f"p/{MAIL}.json", json.dumps({MAIL: {"x": 1}}), container=f"c.{MAIL}")

    ((shown, _),) = lines(item)
    assert MAIL not in shown
    assert shown.count("{EMAIL:") == 3
    assert lines(item, reveal=True) == [(f"c.{MAIL}:p/{MAIL}.json#/{MAIL}/x", 1)]


@pytest.mark.parametrize(("field", "value"), list(JANE.items()))
def test_no_form_of_a_seeded_value_is_left(field: str, value: str) -> None:
    """In a value, a key, a name, under an encoding, in a file that is cut off."""
    text = json.dumps({"v": value, value: {"x": 1}, "b": b64(f"a {value} z"), "h": value.encode().hex()})
    name = value.replace("/", " ")
    shown = repr(listed(stored("a.json", text), stored("b.json", text[:-2]), stored(f"{name}.txt", f"{value}\n"),
                        Unread(path=name, reason="refused"), persona=JANE))  # fmt: skip
    values = " ".join(
        str(each) for _, each in lines(stored("a.json", text), stored("b.json", text[:-2]), persona=JANE)
    )  # fmt: skip

    for form in forms_of([(field, value)]):
        for output in (shown.encode(), values.encode()):
            assert form.literal.lower() not in output.lower(), (form.spelling, form.layers)


# -- what could not be decoded -------------------------------------------------------------------


def test_a_refusal_is_a_line() -> None:
    """With its reason and size; a link is none."""
    items = listed(
        Unread(path="databases/app", reason="permission denied", size=4096, container="shop"),
        Unread(path="lib", reason="symbolic link", expected=True),
        Artifact(facts=Facts(path="late", size=40), content=Refusing()),
    )

    assert [(str(each.locator), each.error, each.size) for each in items if isinstance(each, Broken)] == [
        ("shop:databases/app", "permission denied", 4096), ("late", "locked since boot", 40),
    ]  # fmt: skip
    assert len(items) == 2


def test_damage_ends_a_file_with_a_line() -> None:
    """What was read before it is there; the next file follows."""
    cut = json.dumps({"a": 1, "mail": MAIL, "b": [1, 2, 3]})[:-4]
    items = listed(stored("cut.json", cut), stored("whole.json", "[1]"))
    (broken,) = [each for each in items if isinstance(each, Broken)]

    assert (str(broken.locator), broken.format, broken.size) == ("cut.json", "json_text", len(cut))
    assert broken.error
    assert "cut.json#/a" in [str(each.locator) for each in items]
    assert str(items[-1].locator) == "whole.json#/0"


@pytest.mark.parametrize("reveal", [False, True])
def test_the_name_of_what_could_not_be_decoded_is_veiled(reveal: bool) -> None:
    """A file that cannot be read may still be called after its owner."""
    items = listed(
        Unread(path=f"locked/{MAIL}", reason="permission denied", container=f"c.{MAIL}"),
        stored(f"{MAIL}.json", '{"a": 1, "b'),
        Artifact(facts=Facts(path=f"late/{MAIL}", size=40), content=Refusing()),
        reveal=reveal,
    )  # fmt: skip

    names = [str(each.locator) for each in items if isinstance(each, Broken)]
    assert len(names) == 3
    assert all((MAIL in name) == reveal for name in names)


def test_more_values_than_one_batch_holds() -> None:
    """Each once, in order, masked or not."""
    rows = [{"n": n, "mail": b64(f"user{n}@example.org and more")} for n in range(4000)]
    masked, clear = lines(stored("a.json", json.dumps(rows))), lines(stored("a.json", json.dumps(rows)), reveal=True)

    assert [place for place, _ in masked] == [place for place, _ in clear]
    assert len(masked) == 12_000
    assert [value for _, value in masked if "@" in str(value)] == ["u***@example.org and more"] * 4000
    assert [value for place, value in masked if place.endswith("mail") and set(str(value)) != {"*"}] == [
        "u***@example.org and more"
    ] * 4000


# -- fingerprints --------------------------------------------------------------------------------


def test_fingerprints_tell_what_changed_and_show_nothing() -> None:
    """Enough to compare two snapshots."""

    def of(**content: object) -> dict[str, str]:
        job = Job(source=Shelf(stored("a.json", json.dumps(content))), redactor=REDACTOR)
        found = fingerprint_values(job, PLUGINS)
        return {str(each): each.fingerprint for each in found if not isinstance(each, Broken)}

    before, after = of(mail=MAIL, theme="dark", old=1), of(mail="eve@example.com", theme="dark", new=1)
    assert before["a.json#/theme"] == after["a.json#/theme"]
    assert before["a.json#/mail"] != after["a.json#/mail"]
    assert (set(before) - set(after), set(after) - set(before)) == ({"a.json#/old"}, {"a.json#/new"})
    assert MAIL not in repr(before)


def test_fingerprints_tell_layers_apart() -> None:
    """An encoded value and what it holds stand at one place."""
    job = Job(source=Shelf(stored("a.json", json.dumps({"b": b64("nothing to see here")}))), redactor=REDACTOR)

    assert [str(each) for each in fingerprint_values(job, PLUGINS) if not isinstance(each, Broken)] == [
        "a.json#/b", "a.json#/b <base64>",
    ]  # fmt: skip
