"""What every SDK model owes: equal bytes for equal lives, its own folder only, a plain no to what it lacks."""

import pytest

from harness import registry
from harness.errors import UsageError
from harness.model import Platform
from harness.persona import demo_persona
from harness.profiles import load_profiles
from harness.sandbox import Sandbox
from harness.sdks.base import SdkModel, Setup, Write
from harness.simulation import DEMO_APP, FormatWriter, demo_events, simulate

SDKS = registry.load("sdks", SdkModel)
PROFILES = load_profiles()
DEVICES = {Platform.ANDROID: PROFILES["android-14-rooted"], Platform.IOS: PROFILES["ios-16-jailbroken"]}
LIVES = [(name, mode, platform) for name, sdk in SDKS.items() for mode in sdk.modes for platform in sdk.platforms]
LACKING = [(name, platform) for name, sdk in SDKS.items() for platform in Platform if platform not in sdk.platforms]


def setup(model: SdkModel, mode: str, platform: Platform, version: str) -> Setup:
    sandbox = Sandbox(DEVICES[platform])
    sandbox.install(DEMO_APP)
    return Setup(
        platform=platform,
        mode=mode,
        version=version,
        app=DEMO_APP.package,
        sealer=sandbox.sealer(DEMO_APP.package),
        writer=FormatWriter(),
    )


def version_with(model: SdkModel, mode: str, platform: Platform) -> str:
    """The newest version that has the mode; a model whose modes no version has breaks its word."""
    for version in reversed(model.versions):
        try:
            model.start(setup(model, mode, platform, version))
        except UsageError:
            continue
        return version
    raise AssertionError(f"no version of {model.name} has the mode {mode}")


def lived(model: SdkModel, mode: str, platform: Platform) -> Sandbox:
    version = version_with(model, mode, platform)
    return simulate(DEVICES[platform], model, mode=mode, persona=demo_persona(), version=version, seed=b"1")


@pytest.mark.parametrize(("name", "mode", "platform"), LIVES)
def test_every_mode_plays_on_every_platform(name: str, mode: str, platform: Platform) -> None:
    """Each leaves a file where the model says that it writes, twice the same, and none outside of its app."""
    model = SDKS[name]
    sandbox, again = (lived(model, mode, platform) for _ in range(2))
    untouched = Sandbox(DEVICES[platform])
    untouched.install(DEMO_APP)
    root = sandbox.container(DEMO_APP.package)
    written = [entry.path.removeprefix(root + "/") for entry in sandbox.walk(root) if not entry.folder]

    assert any(claim.covers(path) for claim in model.claims for path in written)
    assert list(sandbox.walk()) == list(again.walk())
    assert [entry for entry in sandbox.walk() if not entry.path.startswith(root)] == [
        entry for entry in untouched.walk() if not entry.path.startswith(root)
    ]


@pytest.mark.parametrize("name", SDKS)
def test_effects_stay_inside(name: str) -> None:
    """Paths are relative and without a step up, modes are modes."""
    model = SDKS[name]
    mode, platform = model.modes[-1], model.platforms[0]
    life = model.start(setup(model, mode, platform, version_with(model, mode, platform)))

    for event in demo_events(demo_persona(), mode):
        for effect in life.react(event):
            assert not {"", ".", ".."} & set(effect.path.split("/"))
            assert not isinstance(effect, Write) or 0 <= effect.mode <= 0o7777


@pytest.mark.parametrize("name", SDKS)
def test_what_an_sdk_lacks_is_bad_usage_with_what_it_has(name: str) -> None:
    """Exit 3, and the hint lists the modes or the versions."""
    model = SDKS[name]
    for wrong in ({"mode": "no-such-mode"}, {"mode": model.modes[0], "version": "0.0.0-none"}):
        with pytest.raises(UsageError) as caught:
            simulate(DEVICES[model.platforms[0]], model, persona=demo_persona(), **wrong)  # type: ignore[arg-type]
        assert caught.value.exit_code == 3
        assert (model.modes[0] if "version" not in wrong else model.versions[-1]) in caught.value.hint


@pytest.mark.parametrize(("name", "platform"), LACKING)
def test_a_platform_that_an_sdk_is_not_modelled_on_is_bad_usage(name: str, platform: Platform) -> None:
    """Exit 3, and the hint says where there is a model of it."""
    titles = {Platform.ANDROID: "Android", Platform.IOS: "iOS"}
    model = SDKS[name]
    with pytest.raises(UsageError) as caught:
        simulate(DEVICES[platform], model, mode=model.modes[0], persona=demo_persona())

    assert caught.value.exit_code == 3
    assert all(titles[each] in caught.value.hint for each in model.platforms)
    with pytest.raises(UsageError):
        model.start(setup(model, model.modes[0], platform, model.versions[-1]))


@pytest.mark.parametrize("name", SDKS)
def test_verdicts_are_expected_of_modes_and_checks_that_exist(name: str) -> None:
    """A proof of a mode that it does not have, or by a check that nobody made, is none."""
    model = SDKS[name]

    assert set(model.expected) == set(model.modes)
    assert {check for verdicts in model.expected.values() for check in verdicts} <= set(registry.names("checks"))


@pytest.mark.parametrize(("name", "mode", "platform"), LIVES)
def test_what_is_declared_is_what_is_expected_of_the_newest_version(name: str, mode: str, platform: Platform) -> None:
    """And every version and level that has the mode has a verdict for the same checks."""
    model = SDKS[name]
    declared = model.expected[mode]

    assert model.expected_of(version_with(model, mode, platform), mode) == declared
    for version in model.versions:
        if model.has_mode(version, mode):
            for level in model.levels_of(version, mode) or (None,):
                assert model.expected_of(version, mode, level).keys() == declared.keys()
