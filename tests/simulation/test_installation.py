"""A device with an app, and what an SDK leaves in it."""

import pytest

from harness.errors import UsageError
from harness.model import Access, Artifact
from harness.persona import demo_persona
from harness.profiles import load_profile
from harness.sandbox import App
from harness.sdks.forgetful import Forgetful
from harness.simulation import DEMO_APP, Options, simulate

ROOTED = load_profile("android-14-rooted")


def forgetful() -> Forgetful:
    model = Forgetful()
    model.name = "forgetful"
    return model


def test_equal_inputs_give_equal_devices_and_another_seed_does_not() -> None:
    """All chance comes from the seed."""
    one, same, other = (
        simulate(ROOTED, forgetful(), mode="plain", persona=demo_persona(), seed=seed) for seed in (b"1", b"1", b"2")
    )

    assert list(one.walk()) == list(same.walk())
    assert list(one.walk()) != list(other.walk())


def test_a_mode_or_version_that_is_not_there_is_bad_usage() -> None:
    """The hint lists those that are."""
    with pytest.raises(UsageError, match="no mode") as caught:
        simulate(ROOTED, forgetful(), mode="server-side", persona=demo_persona())
    assert "identifier-only" in caught.value.hint
    with pytest.raises(UsageError, match="no version") as caught:
        simulate(ROOTED, forgetful(), mode="plain", persona=demo_persona(), version="9")
    assert "1.0.0" in caught.value.hint


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (Options(advertising_id="cdda802e-fb9c-47ad-9866-0794d394c912"), "takes no advertising id"),
        (Options(custom_id=""), "takes no custom id"),
        (Options(extras=frozenset({"geofence"})), "no extra 'geofence'"),
    ],
)
def test_an_id_or_a_module_that_a_model_does_not_know_is_bad_usage(options: Options, what: str) -> None:
    """And is never passed over in silence."""
    with pytest.raises(UsageError, match=what):
        simulate(ROOTED, forgetful(), mode="plain", persona=demo_persona(), **options)


def test_the_result_is_a_device_that_says_what_it_is() -> None:
    """Its name tells a simulation from the real thing; the app and the events are the caller's where given."""
    app = App(package="org.example.other", uid=10200)
    sandbox = simulate(ROOTED, forgetful(), mode="plain", persona=demo_persona(), app=app, events=[])

    assert sandbox.name == "simulated:android-14-rooted/forgetful/plain"
    assert [one.package for one in sandbox.apps] == ["org.example.other"]
    assert list(sandbox.collect()) == []


def test_a_profile_with_debuggable_builds_installs_one() -> None:
    """`run-as` answers there, and only there."""
    for name, answers in (("android-14-debuggable", True), ("android-14-rooted", False)):
        sandbox = simulate(load_profile(name), forgetful(), mode="plain", persona=demo_persona())
        path = f"{sandbox.container(DEMO_APP.package)}/databases/forgetful"
        assert sandbox.readers(path)[Access.ADB_SHELL] is answers


def test_what_forgetful_leaves_open_other_apps_reach() -> None:
    """One file, and only that one."""
    sandbox = simulate(ROOTED, forgetful(), mode="plain", persona=demo_persona())
    reached = [
        item.path
        for item in sandbox.collect()
        if isinstance(item, Artifact) and Access.OTHER_APP in item.facts.readable_by
    ]

    assert reached == ["files/forgetful-events.json"]
