"""Where raw values end: attribution, detections, and the veil over names."""

import base64
import gzip
import json
import urllib.parse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import registry
from harness.detectors.base import Detector
from harness.model import Evidence, Facts, Locator, MaskRule, State, Step, StoredIdentifier, Unread
from harness.persona import demo_persona
from harness.redaction import Redactor
from harness.scan.attribution import ClaimIndex
from harness.scan.confirm import Confirmer, Hit
from harness.scan.cues import CueSet
from harness.scan.mask import Masker, Veil
from harness.scan.tracer import Tracer
from harness.scan.unfold import Leaf
from harness.sdks.base import Claim

DETECTORS = registry.load("detectors", Detector)
JANE = demo_persona()
CONFIRM = Confirmer(DETECTORS, CueSet(DETECTORS), Tracer(JANE)).hits
REDACTOR = Redactor(b"0123456789abcdef-for-tests-only")
MAIL = "ada.birch@example.com"
FACTS = Facts(path="shared_prefs/app.xml", container="com.example.shop", mode=0o600)


def hit_in(value: str, *steps: Step, in_key: bool = False, state: State = State.LIVE) -> Hit:
    (hit,) = CONFIRM([Leaf(steps, value, state, ("base64",), in_key)])
    return hit


# -- attribution ---------------------------------------------------------------------------------

CLAIMS = [
    ("beta", Claim(path="shared_prefs/*", role="data")),
    ("alpha", Claim(path="shared_prefs/app.xml", role="config")),
    ("alpha", Claim(path="shared_prefs/app.xml", pointer="/identity*", role="identity")),
    ("gamma", Claim(path="databases/*", role="queue")),
]


# -- detections ----------------------------------------------------------------------------------


def test_a_detection_shows_evidence_and_place_only() -> None:
    """All that is known about it, and nothing of it."""
    detection = Masker(REDACTOR, ClaimIndex(CLAIMS)).detection(
        hit_in(MAIL, "identity", 3, state=State.WAL), FACTS, "shared_prefs"
    )  # fmt: skip

    assert detection.type == "EMAIL"
    assert detection.evidence.fingerprint == REDACTOR.fingerprint(MAIL.encode())
    assert detection.locator == Locator(path=FACTS.path, container=FACTS.container, steps=("identity", 3))
    assert (detection.state, detection.layers, detection.source_format) == (State.WAL, ("base64",), "shared_prefs")
    assert (detection.sdk, detection.role, detection.persona_field) == ("alpha", "identity", None)
    assert "ada.birch" not in repr(detection)


def test_a_seeded_value_names_its_field() -> None:
    """And its mask is of the seeded value, in whatever form it was stored."""
    detection = Masker(REDACTOR).detection(hit_in("(415) 555-0132", "p"), FACTS, "json_text")

    assert (detection.persona_field, detection.form, detection.sdk) == ("phone", "national brackets", None)
    assert detection.evidence == REDACTOR.evidence(
        b"+1 415 555 0132", rule=MaskRule.HIDDEN, normal=DETECTORS["phone"].normalise(b"+1 415 555 0132")
    )


def test_a_hit_in_a_key_is_placed_at_the_key() -> None:
    """Not at the element of the array below it."""
    leaf = Leaf(("users", MAIL, 0), "nothing")
    (hit,) = CONFIRM([leaf])

    assert Masker(REDACTOR).detection(hit, FACTS, "json_text").locator.steps == ("users", MAIL)
    assert Masker(REDACTOR).detection(hit, FACTS, "json_text").in_key


# -- the veil ------------------------------------------------------------------------------------


def veil(*texts: str) -> Veil:
    return Veil(CONFIRM, REDACTOR, texts)


def test_personal_data_in_a_name_is_veiled() -> None:
    """What is round it stays: the name says where the value is."""
    name = f"profiles/{MAIL}/prefs.xml"

    assert veil(name).text(name) == f"profiles/{REDACTOR.veil('EMAIL', MAIL.encode())}/prefs.xml"


def test_all_of_it_is_veiled() -> None:
    """Two people in one name."""
    name = f"{MAIL}_to_{JANE.email}.db"
    shown = veil(name).text(name)

    assert shown.count("{EMAIL:") == 2
    assert "@" not in shown


def test_equal_values_have_equal_veils() -> None:
    """In whatever case: a file and a key of one person are seen to be so."""
    one, other = f"a/{MAIL}", f"b/{MAIL.upper()}"
    hidden = veil(one, other)

    assert hidden.text(one)[2:] == hidden.text(other)[2:]


@pytest.mark.parametrize("name", ["shared_prefs/app.xml", "events", "", "a", "profile_email"])
def test_other_names_are_shown(name: str) -> None:
    """A veil over everything would be no report."""
    assert veil(name).text(name) == name


@given(st.lists(st.text(max_size=12) | st.sampled_from([MAIL, str(JANE.email), "x"]), max_size=4).map("/".join))
def test_any_name_can_be_veiled(name: str) -> None:
    """Whatever a device calls its files; nothing personal is left."""
    shown = veil(name).text(name)

    assert MAIL not in shown
    assert str(JANE.email) not in shown


def test_names_that_are_no_unicode_are_veiled_too() -> None:
    """Surrogates stand for bytes that no encoding knows."""
    name = f"\udce9/{MAIL}"

    assert MAIL not in veil(name).text(name)
    assert veil(name).text(name).startswith("\udce9/")


def test_everything_that_has_names_is_veiled() -> None:
    """Path, container and steps; numbers stay."""
    names = (f"p/{MAIL}", f"c.{MAIL}", MAIL)
    hidden = veil(*names)
    locator = Locator(path=names[0], container=names[1], steps=("t", 3, MAIL))
    facts = Facts(path=names[0], container=names[1])
    masked = Masker(REDACTOR).detection(hit_in(MAIL, MAIL, in_key=True), facts, "name")
    identifier = StoredIdentifier(locator=locator, evidence=Evidence("*", "0" * 16, 1), sdk="alpha")
    shown = [
        hidden.locator(locator), hidden.facts(facts), hidden.detection(masked), hidden.identifier(identifier),
        hidden.unread(Unread(path=names[0], reason="refused", container=names[1])),
    ]  # fmt: skip

    assert [each for each in shown if MAIL in repr(each)] == []
    assert hidden.locator(locator).steps[:2] == ("t", 3)


# -- encoded names -------------------------------------------------------------------------------

ENCODED = {
    "base64": base64.b64encode(MAIL.encode()).decode(),
    "base64url": base64.urlsafe_b64encode(b">>>" + MAIL.encode()).decode().rstrip("="),
    "base64 of json": base64.b64encode(json.dumps({"email": MAIL}).encode()).decode(),
    "base64 of base64": base64.b64encode(base64.b64encode(MAIL.encode())).decode(),
    "base64 of gzip": base64.b64encode(gzip.compress(MAIL.encode(), mtime=0)).decode(),
    "hex": MAIL.encode().hex(),
    "HEX": MAIL.encode().hex().upper(),
    "url": urllib.parse.quote(MAIL, safe=""),
    "html": MAIL.replace("@", "&#64;"),
}


@pytest.mark.parametrize("name", ["%s", "pre:%s:post", "token=%s", "user_%s", "files/%s/x", "profile%s", "a-%s b"])
@pytest.mark.parametrize("encoding", sorted(ENCODED))
def test_what_is_encoded_in_a_name_is_veiled(encoding: str, name: str) -> None:
    """Anybody can decode it; all of the run is gone, as its ends give the value's ends away."""
    encoded = ENCODED[encoding]
    shown = veil(name % encoded).text(name % encoded)

    assert "{EMAIL:" in shown
    for at in range(len(encoded) - 5):
        assert encoded[at : at + 6] not in shown or encoding in {"url", "html", "base64url"}
    assert encoded[4:-2] not in shown


def test_just_what_is_personal_of_an_escaped_name_is_veiled() -> None:
    """The rest of a path that has escapes still says where it is."""
    name = f"files/my%20cache/{ENCODED['url']}/x.json"

    assert veil(name).text(name) == f"files/my%20cache/{REDACTOR.veil('EMAIL', MAIL.encode())}/x.json"


@pytest.mark.parametrize("name", ["SGVsbG8gd29ybGQgaGVsbG8gd29y", "com.example.app/databases/events", "a%20b%20c"])
def test_encoded_names_without_anything_personal_are_shown(name: str) -> None:
    """An encoding alone is nothing to hide."""
    assert veil(name).text(name) == name
