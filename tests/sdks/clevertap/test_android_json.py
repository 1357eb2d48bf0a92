"""JSON and hash order as on Android: every byte counts, since a finding quotes them."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import FormatError
from harness.sdks.clevertap.android_json import dumps, hash_order, java_double, string_hash

GUID = "__1a2b3c4d5e6f47a8b9c0d1e2f3a4b5c6"
ROWS = (
    (
        r'{"evtName":"Charged","evtData":{"Amount":300,"Payment mode":"Credit card",'
        r'"Items":[{"Product category":"books","Quantity":1}]},"s":1700000000,"pg":5,"type":"event",'
        r'"ep":1700000090,"f":true,"lsl":0,"dsync":false}'
    ),
    (
        r'{"evtName":"Product viewed","evtData":{"Product name":"Casio Watch","Price":59.99},"n":"ProductActivity",'
        r'"s":1700000000,"pg":3,"type":"event","ep":1700000042,"f":true,"lsl":-12,"dsync":false}'
    ),
    (
        r'{"profile":{"Tags":{"$add":["bag","shoes"]},"tz":"Asia\/Kolkata"},"s":1700000000,"pg":2,"type":"profile",'
        r'"ep":1700000021,"f":true,"lsl":0,"dsync":true}'
    ),
    r'{"profile":{"Email":{"$delete":true},"tz":"Asia\/Kolkata"},"s":1700000000}',
    (
        r'{"us":"google-play","um":"organic","referrer":"wzrk:\/\/track?install=true&utm_source=google-play",'
        r'"install":"true"}'
    ),
    r"{}",
    r"[]",
)
"""Rows of the specification, section 2.4."""

LEAVES: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(1 << 63), (1 << 63) - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(),
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def without_nulls(value: Any) -> Any:
    """What Android keeps: members that are null are gone, items are not."""
    if isinstance(value, dict):
        return {name: without_nulls(member) for name, member in value.items() if member is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("row", ROWS)
def test_rows_of_the_specification_come_out_to_the_byte(row: str) -> None:
    assert dumps(json.loads(row)) == row


@given(VALUES)
def test_what_is_written_is_read_again(value: Any) -> None:
    """Any JSON reader agrees on the content, a whole number in a double being equal to the number."""
    text = dumps(value)

    assert json.loads(text) == without_nulls(value)
    assert text.replace("\\/", "").count("/") == 0


def test_only_what_android_escapes_is_escaped() -> None:
    """Control characters as four lower-case digits or short forms; nothing above them, not even U+2028."""
    assert (
        dumps("\x00\x1f\x7f\u2028é<>&'\"\\/\t\b\n\f\r") == '"\\u0000\\u001f\x7f\u2028é<>&\'\\"\\\\\\/\\t\\b\\n\\f\\r"'
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3.0, "3"), (-0.0, "-0"), (0.0, "0"), (59.99, "59.99"), (2.57, "2.57"), (0.001, "0.001"), (0.0009, "9.0E-4"),
        (1234567.5, "1234567.5"), (12345678.25, "1.234567825E7"), (1e18, "1000000000000000000"), (1e19, "1.0E19"),
        (1e300, "1.0E300"), (float(1 << 63), "9223372036854775807"),
        (-float(1 << 63), "-9223372036854775808"), (1.5e-7, "1.5E-7"),
    ],
)  # fmt: skip
def test_numbers_are_written_as_java_writes_them(value: float, text: str) -> None:
    """Without a fraction where there is none that a long can hold, else as `Double.toString`."""
    assert dumps(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_double_in_javas_words_is_the_same_double(value: float) -> None:
    assert float(java_double(value)) == value
    assert math.copysign(1, float(java_double(value))) == math.copysign(1, value)


def test_what_json_cannot_say_is_refused() -> None:
    """And no deeper than any stack."""
    deep: list[Any] = []
    for _ in range(5000):
        deep = [deep]
    for value in (math.nan, math.inf, b"bytes", object(), deep):
        with pytest.raises(FormatError):
            dumps(value)


def test_nothing_of_a_refused_value_is_in_the_error() -> None:
    with pytest.raises(FormatError) as refused:
        dumps({"email": b"jane@example.org"})

    assert "jane" not in str(refused.value)


# -- order ---------------------------------------------------------------------------------------


def test_the_profile_of_the_specification_is_in_hash_order() -> None:
    """Vector L7."""
    names = ["Name", "Email", "Phone", "Identity", "Gender"]

    assert hash_order(names) == ["Email", "Phone", "Gender", "Identity", "Name"]


def test_a_jdk_orders_alike() -> None:
    """The table was made by `java.util.HashMap` of OpenJDK 17: names of preferences, of other alphabets, colliding
    ones, and counts around each size at which a table grows."""
    table = json.loads((Path(__file__).parent / "hash_order.json").read_text())

    for row in table:
        assert hash_order(row["names"]) == row["grown"]
        assert hash_order(row["grown"], copied=True) == row["copied"]
    assert max(len(row["names"]) for row in table) == 130


def test_a_device_orders_alike() -> None:
    """Names of another SDK's preferences, in the order of a published file of an Android 9."""
    names = [
        "time_active", "last_upload", "first_open_time", "gmp_app_id", "app_instance_id", "health_monitor:start",
        "deferred_analytics_collection", "last_delete_stale", "previous_os_version", "has_been_opened",
        "health_monitor:value", "midnight_offset", "last_pause_time", "start_new_session", "health_monitor:count",
        "last_upload_attempt",
    ]  # fmt: skip

    assert hash_order(names) == names


@given(st.lists(st.text()), st.booleans(), st.sampled_from((21, 23, 24, 34)))
def test_every_name_comes_out_once(names: list[str], copied: bool, api: int) -> None:
    ordered = hash_order(names, copied=copied, api=api)

    assert sorted(ordered) == sorted(set(names))


@given(st.lists(st.text(max_size=4), unique=True, max_size=40))
def test_an_order_is_kept_when_a_file_is_read_and_written(names: list[str]) -> None:
    """What Android 7 and newer reads in the order of the file, it writes in that order."""
    assert hash_order(hash_order(names)) == hash_order(names)


def test_hashes_are_of_utf16() -> None:
    """Values of `String.hashCode` from a JDK."""
    assert [string_hash(text) for text in ("", "Email", "Aa", "BB", "日本", "😀")] == [
        0, 67066748, 2112, 2112, 835047, 1772899,
    ]  # fmt: skip


@pytest.mark.parametrize("api", [21, 23])
def test_old_tables_begin_small_and_put_the_last_first(api: int) -> None:
    """Android 6 and older: `Aa` and `BB` collide in any table."""
    assert hash_order(["Aa", "BB"], api=api) == ["BB", "Aa"]
    assert hash_order(["Aa", "BB"]) == ["Aa", "BB"]
