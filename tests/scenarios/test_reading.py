"""A scenario file says what happens; what it says wrong is told with its line."""

import dataclasses
import re
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import registry
from harness.errors import UsageError
from harness.persona import Persona, demo_persona
from harness.profiles import load_profile
from harness.scenarios import load_scenario
from harness.scenarios.words import WORDS, Kind
from harness.sdks.base import (
    Charged,
    Event,
    EventPushed,
    Installed,
    LocationSet,
    LoggedIn,
    OptedOut,
    ProfilePushed,
    PushTokenReceived,
    SdkModel,
    Upgraded,
)
from harness.simulation import simulate

JANE = Persona(name="Jane Roe", email="jane.roe@example.org", custom={"loyalty-number": "LOY-0099"})


def told(folder: Path, text: str, persona: Persona = JANE) -> tuple[Event, ...]:
    path = folder / "day.toml"
    path.write_text(dedent(text), encoding="utf-8")
    return load_scenario(path, persona)


def wrong(folder: Path, text: str, persona: Persona = JANE) -> UsageError:
    with pytest.raises(UsageError) as caught:
        told(folder, text, persona)
    assert "jane" not in str(caught.value).lower()
    return caught.value


def test_a_day_is_told_in_the_persons_own_values(tmp_path: Path) -> None:
    """Times, defaults and placeholders, custom fields too."""
    install, login, push, charge, opt = told(
        tmp_path,
        """
        start = 2024-03-01T08:00:00Z
        step = 30
        [[event]]
        do = "install"
        [[event]]
        do = "login"
        profile = { email = "{email}", greeting = "Dear {name} ({loyalty-number})" }
        [[event]]
        do = "push-event"
        after = 3600
        label = "Viewed"
        properties = { product = "Desk lamp", total = 42.5, new = true, text = "{}" }
        [[event]]
        do = "charge"
        details = { total = 1 }
        items = [{ product = "{email}" }]
        [[event]]
        do = "opt-out"
        out = false
        """,
    )

    assert isinstance(install, Installed)
    assert [each.at - 1_709_280_000 for each in (install, login, push, charge, opt)] == [0, 30, 3630, 3660, 3690]
    assert isinstance(login, LoggedIn)
    assert login.profile == {"email": "jane.roe@example.org", "greeting": "Dear Jane Roe (LOY-0099)"}
    assert login.identity.startswith("customer-")
    assert isinstance(push, EventPushed)
    assert push.properties == {"product": "Desk lamp", "total": 42.5, "new": True, "text": "{}"}
    assert isinstance(charge, Charged)
    assert charge.items == ({"product": "jane.roe@example.org"},)
    assert opt == OptedOut(at=opt.at, entropy=opt.entropy, out=False)


def test_what_is_not_said_is_the_persons_or_drawn(tmp_path: Path) -> None:
    """A login pushes all of the person, a location is theirs; the app is installed without a word."""
    persona = demo_persona()
    install, login, place, token = told(
        tmp_path,
        """
        [[event]]
        do = "login"
        [[event]]
        do = "location"
        [[event]]
        do = "push-token"
        """,
        persona,
    )

    assert isinstance(install, Installed)
    assert isinstance(login, LoggedIn)
    assert dict(login.profile) == dict(persona.items())
    assert isinstance(place, LocationSet)
    assert (place.latitude, place.longitude) == persona.location
    assert isinstance(token, PushTokenReceived)
    assert (len(token.token), token.service) == (20, "fcm")


def test_events_repeat_each_with_its_own_time_and_chance(tmp_path: Path) -> None:
    """A queue of thousands is one event in the file; another seed is another chance."""
    text = '[[event]]\ndo = "push-event"\nlabel = "x"\nrepeat = 1000\n'
    _, *events = told(tmp_path, text)
    _, *others = told(tmp_path, 'seed = "other"\n' + text)

    assert len({each.at for each in events}) == len({each.entropy for each in [*events, *others]}) / 2 == 1000
    assert told(tmp_path, '[[event]]\ndo = "install"\nrepeat = 0\n') == ()


def test_a_property_is_removed_by_its_name(tmp_path: Path) -> None:
    """TOML has no nothing."""
    _, pushed = told(tmp_path, '[[event]]\ndo = "push-profile"\nprofile = { a = 1 }\nremove = ["email"]\n')

    assert isinstance(pushed, ProfilePushed)
    assert pushed.profile == {"a": 1, "email": None}


@pytest.mark.parametrize(
    ("text", "line", "says", "hint"),
    [
        ('sed = "x"\n[[event]]\ndo = "launch"', 1, "no field `sed`", "`seed`"),
        ('[[event]]\ndo = "launch"\n[[event]]\ndo = "lunch"', 4, "no event 'lunch'", "`launch`"),
        ('[[event]]\ndo = "launch"\n\n[[event]]\nlabel = "x"', 4, "needs `do`", "push-event"),
        ('[[event]]\ndo = "push-event"\nlable = "x"', 3, "no field `lable`", "`label`"),
        ('[[event]]\ndo = "push-event"', 2, "needs `label`", "a text"),
        ('[[event]]\ndo = "push-event"\nlabel = 5', 3, "`label` is a text", ""),
        ('[[event]]\ndo = "push-event"\nlabel = "{mail}"', 3, "no `mail`", "`email`"),
        ('[[event]]\ndo = "push-event"\nlabel = "x"\nproperties = { a = [1] }', 4, "a table of texts", ""),
        ('[[event]]\ndo = "push-event"\nlabel = "x"\nproperties.a = 2024-01-01', 4, "a table of texts", ""),
        ('[[event]]\ndo = "login"\nprofile = { a = 1 }', 3, "a table of texts", ""),
        ('[[event]]\ndo = "location"', 2, "needs `latitude`", "none"),
        ('[[event]]\ndo = "level"\nlevel = true', 3, "a whole number", ""),
        ('[[event]]\ndo = "launch"\nrepeat = -1', 3, "whole number", ""),
        ('[[event]]\ndo = "launch"\nrepeat = 100000000', 3, "more than", ""),
        ('[[event]]\ndo = "launch"\nafter = 1.5', 3, "whole number", ""),
        ('step = "x"\n[[event]]\ndo = "launch"', 1, "whole number", ""),
        ('start = 2024-01-01\n[[event]]\ndo = "launch"', 1, "a time with a zone", ""),
        ('seed = 1\n[[event]]\ndo = "launch"', 1, "a text", ""),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, text: str, line: int, says: str, hint: str) -> None:
    """And what it could have been."""
    error = wrong(tmp_path, text)

    assert f"line {line}: " in str(error)
    assert says in str(error)
    assert hint in error.hint


@pytest.mark.parametrize("text", ["", "event = 1", "event = []", "event = [1]", "[event]\ndo = 1", "[[event", "\0"])
def test_a_file_in_which_nothing_happens_is_refused(tmp_path: Path, text: str) -> None:
    """As is one that is not TOML."""
    assert "day.toml" in str(wrong(tmp_path, text))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """And one that is too large is not read."""
    with pytest.raises(UsageError, match="nowhere"):
        load_scenario(tmp_path / "nowhere.toml", JANE)
    assert "larger" in str(wrong(tmp_path, "#" * (5 << 20)))


SAMPLES = {
    Kind.TEXT: '"a"',
    Kind.NUMBER: "1.5",
    Kind.WHOLE: "1",
    Kind.SWITCH: "true",
    Kind.TEXTS: '{ a = "b" }',
    Kind.VALUES: '{ a = "b", c = 1 }',
    Kind.ITEMS: "[{ a = 1 }]",
    Kind.NAMES: '["a"]',
}


@given(words=st.lists(st.sampled_from(sorted(WORDS)), max_size=10))
def test_every_word_makes_its_event(tmp_path_factory: pytest.TempPathFactory, words: list[str]) -> None:
    """In any order, with every field said."""
    lines = []
    for word in words:
        lines += ["[[event]]", f'do = "{word}"']
        lines += [f"{name} = {SAMPLES[field.kind]}" for name, field in WORDS[word].fields.items()]
    if not words:
        return
    events = told(tmp_path_factory.mktemp("told"), "\n".join(lines))

    assert [type(event) for event in events][-len(words) :] == [WORDS[word].event for word in words]
    assert all(dataclasses.is_dataclass(event) for event in events)


def test_an_upgrade_says_to_what(tmp_path: Path) -> None:
    """The version stands as it is said."""
    *_, event = told(tmp_path, '[[event]]\ndo = "upgrade"\nversion = "7.7.0"\n')

    assert isinstance(event, Upgraded)
    assert event.version == "7.7.0"


def test_the_example_of_the_documentation_can_be_played(tmp_path: Path, project_root: Path) -> None:
    """Through the real reader and the real model."""
    text = (project_root / "docs" / "simulate.md").read_text(encoding="utf-8")
    [example] = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    events = told(tmp_path, example, demo_persona())
    model, profile = registry.load("sdks", SdkModel)["clevertap"], load_profile("android-14-rooted")

    assert len(events) == 24
    assert simulate(profile, model, mode="plain", persona=demo_persona(), version="7.1.2", events=events)
