"""What is collected from storage: names, numbers and forms, never what a person is."""

from harness.model import Locator, Record, Scalar, State, Step
from harness.sdks.clevertap.traces import Form, collect

_ACCOUNT = "TEST-000-0000"
_MAIN = "shared_prefs/WizRocket.xml"
_BRACKETS = "[-84, -2, 40, 21, -25, 92, -88, 74, 110, 64, 90, 91, -90, -35, -126, -51]"
_FRAME = "<ct<AAECAwQFBgcICQoL:LWO1cIWCr3rkLbno3oRxaxuh1ZpHYTzLyH86Mjzg>ct>"


def _record(
    path: str, *steps: Step, value: Scalar, state: State = State.LIVE, layers: tuple[str, ...] = ()
) -> Record:
    return Record(locator=Locator(path=path, steps=steps), value=value, state=state, layers=layers)


def test_names_are_kept_without_the_account() -> None:
    """And without the CleverTap ID that some have before it."""
    traces = collect(
        [
            _record(_MAIN, f"deviceId:{_ACCOUNT}", value="__a"),
            _record(_MAIN, f"OptOut:__a:{_ACCOUNT}", value=True),
            _record(_MAIN, "pf", value=240),
        ]
    )

    assert (traces.suffixed, traces.bare, traces.ids) == ({"deviceId", "OptOut"}, {"pf"}, (_ACCOUNT,))


def test_a_configuration_is_read_in_either_form() -> None:
    """As text, and unfolded."""
    text = collect([_record(_MAIN, f"instance:{_ACCOUNT}", value='{"isDefaultInstance":true,"encryptionLevel":1}')])
    unfolded = collect(
        [
            _record(_MAIN, f"instance:{_ACCOUNT}", "isDefaultInstance", value=True),
            _record(_MAIN, f"instance:{_ACCOUNT}", "encryptionLevel", value=1),
        ]
    )

    assert text.accounts == unfolded.accounts
    assert text.accounts[_ACCOUNT].is_default
    assert text.accounts[_ACCOUNT].levels == {"configured": 1}


def test_what_is_no_number_is_no_level() -> None:
    """A boolean is an int to Python, and not to Android."""
    for value in (True, "x", 1.5, None, b"1", "9" * 400):
        assert collect([_record(_MAIN, f"encryptionLevel:{_ACCOUNT}", value=value)]).accounts[_ACCOUNT].levels == {}


def test_forms_of_the_identity_map() -> None:
    """The legacy scheme encrypts the values in the names of members, the later one all of it."""
    key = f"cachedGUIDsKey:{_ACCOUNT}"

    for steps, value, form in (
        ((key,), "{}", 0),
        ((key,), _FRAME, Form.FRAME),
        ((key, f"Email_{_BRACKETS}"), "__a", Form.BRACKETS),
        ((key, "Email_jane@example.org"), "__a", Form.PLAIN),
    ):
        assert collect([_record(_MAIN, *steps, value=value)]).accounts[_ACCOUNT].identity_map == form


def test_forms_of_the_profile() -> None:
    """Of the four texts that level 1 covers; numbers and other names are not looked at."""
    row = ("userProfiles", 1, "data")

    for steps, value, form in (
        ((*row, "Email"), _FRAME, Form.FRAME),
        ((*row, "Email"), _BRACKETS, Form.BRACKETS),
        ((*row, "Email", 3), -84, Form.BRACKETS),
        ((*row, "Email"), "jane@example.org", Form.PLAIN),
        ((*row, "email"), "jane@example.org", 0),
        ((*row, "Identity"), 61026032, 0),
    ):
        assert collect([_record("databases/clevertap", *steps, value=value)]).forms.get("profile", 0) == form


def test_only_what_is_live_and_as_it_was_stored_counts() -> None:
    """A deleted row is of an older version; what was decrypted says nothing of its form."""
    gone = _record("databases/clevertap", "userEventLogs", 1, "eventName", value="x", state=State.FREELIST)
    opened = _record(_MAIN, f"variablesKey:{_ACCOUNT}", "a", value="b", layers=("aes-gcm:keystore",))

    assert collect([gone]).filled == set()
    assert collect([opened]).forms == {}


def test_a_start_of_the_app_is_kept_with_its_session() -> None:
    """Columns and members come one by one."""
    event = ("events", 4, "data")
    traces = collect(
        [
            _record("databases/clevertap", *event, "evtData", "SDK Version", value=70102),
            _record("databases/clevertap", *event, "s", value=1700000000),
            _record("databases/clevertap", "events", 5, "data", "evtData", "SDK Version", value=5),
        ]
    )

    assert traces.released == {(1700000000, (7, 1, 2))}


def test_nothing_of_a_person_is_kept() -> None:
    """Only forms are."""
    person = "jane@example.org"
    traces = collect(
        [
            _record(_MAIN, f"cachedGUIDsKey:{_ACCOUNT}", f"Email_{person}", value="__a"),
            _record("databases/clevertap", "userProfiles", 1, "data", "Email", value=person),
            _record("databases/clevertap", "events", 1, "data", "evtData", "Email entered", value=person),
        ]
    )

    assert person not in repr(traces)
