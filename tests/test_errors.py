"""The tree of expected failures."""

import pickle

import pytest

from harness import errors
from harness.errors import AccessDenied, DeviceError, FormatError, HarnessError, LimitError, SourceError, UsageError

TREE = [getattr(errors, name) for name in errors.__all__]


@pytest.mark.parametrize("kind", TREE)
def test_every_failure_is_of_the_one_tree(kind: type[HarnessError]) -> None:
    """One `except` at the command line is enough."""
    error = kind("what went wrong", hint="what to do")

    assert isinstance(error, HarnessError)
    assert str(error) == "what went wrong"
    assert error.hint == "what to do"


@pytest.mark.parametrize("kind", TREE)
def test_a_hint_is_optional(kind: type[HarnessError]) -> None:
    """Where the message says it all, there is none."""
    assert kind("what went wrong").hint == ""


@pytest.mark.parametrize(
    ("kind", "code"), [(UsageError, 3), (SourceError, 3), (DeviceError, 4), (AccessDenied, 4), (FormatError, 3)]
)
def test_exit_codes_are_those_of_the_contract(kind: type[HarnessError], code: int) -> None:
    """Scripts outside this project tell a wrong word from a lost device by them."""
    assert kind("x").exit_code == code


def test_a_limit_ends_a_file_as_damage_does() -> None:
    """Whoever outlives damage outlives a cap as well."""
    assert issubclass(LimitError, FormatError)
    assert not issubclass(FormatError, DeviceError)


def test_the_module_exports_its_whole_tree() -> None:
    """No failure is defined and forgotten."""
    defined = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, Exception)}

    assert defined == set(errors.__all__)


def test_a_failure_survives_a_process_border() -> None:
    """Work that is spread over processes reports the same words."""
    error = pickle.loads(pickle.dumps(FormatError("page 3 is cut off", hint="take it again")))

    assert (type(error), str(error), error.hint) == (FormatError, "page 3 is cut off", "take it again")
