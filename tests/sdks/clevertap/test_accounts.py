"""Account ids are found wherever the SDK writes them, and hostile storage names no more than are tried."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.model import Locator, Record, Scalar, Step
from harness.sdks.clevertap.accounts import accounts, is_main_store

ACCOUNT = "W9R-486-4W5Z"
GUID = "__1a2b3c4d5e6f47a8b9c0d1e2f3a4b5c6"
CUSTOM = "__hjane@example.org:1"
MAIN = "shared_prefs/WizRocket.xml"


def record(path: str, *steps: Step, value: Scalar = "") -> Record:
    return Record(locator=Locator(path=path, steps=steps), value=value)


NAMED = {
    "a key": record(MAIN, f"deviceId:{ACCOUNT}", value=GUID),
    "a key with a custom id": record(MAIN, f"OptOut:{CUSTOM}:{ACCOUNT}", value=True),
    "an interrupted write": record(f"{MAIN}.bak", f"lastSessionId:{ACCOUNT}", value=1700000000),
    "a configuration": record(MAIN, "instance", value=f'{{"accountId":"{ACCOUNT}","accountToken":"000-000"}}'),
    "a decoded configuration": record(MAIN, f"instance:{ACCOUNT}", "accountId", value=ACCOUNT),
    "event counters": record("shared_prefs/WizRocket_local_events.xml", f"Product viewed:{ACCOUNT}", value="1|2|3"),
    "a database": record(f"databases/clevertap_{ACCOUNT}", "events", 1, "data"),
    "a log of it": record(f"databases/clevertap_{ACCOUNT}-wal", "events", 1, "data"),
    "what the server sent": record(f"shared_prefs/WizRocket_ARP:{ACCOUNT}:{CUSTOM}.xml", "j_n", value="Zw=="),
    "the account there": record("shared_prefs/WizRocket_ARP.xml", "id", value=ACCOUNT),
    "in-app messages": record(f"shared_prefs/inApp:{CUSTOM}:{ACCOUNT}.xml", "inApp"),
    "counters of them": record(f"shared_prefs/WizRocket_counts_per_inapp:{GUID}:{ACCOUNT}.xml", "1", value="1,4"),
    "assets": record(f"shared_prefs/inapp_assets:{ACCOUNT}.xml", "https://example.org/a:b", value=1),
    "experiments": record(f"shared_prefs/clevertap.abtesting.{ACCOUNT}.{GUID}.xml", "experiments", value="[]"),
    "a remote configuration": record(f"files/Product_Config_{ACCOUNT}_{GUID}/activated.json", "a", value="b"),
    "flags": record(f"files/Feature_Flag_{ACCOUNT}_{CUSTOM}/ff_cache.json", "kv", value=1),
    "fences": record("files/geofence/geofence_settings.json", "id", value=ACCOUNT),
    "a profile": record("databases/clevertap", "userProfiles", 1, "_id", value=ACCOUNT),
    "a push": record("databases/clevertap", "events", 1, "data", "evtData", "wzrk_acct_id", value=ACCOUNT),
}


@pytest.mark.parametrize("each", NAMED.values(), ids=NAMED)
def test_each_place_names_the_account(each: Record) -> None:
    """Alone, and nothing else is taken for one."""
    assert accounts([each]) == (ACCOUNT,)


@pytest.mark.parametrize(
    "each",
    [
        record("shared_prefs/other.xml", f"deviceId:{ACCOUNT}", value=GUID),
        record("databases/other", "events", 1, "_id", value=ACCOUNT),
        record("databases/clevertap", "inboxMessages", 1, "_id", value="1700000000"),
        record("shared_prefs/inapp_assets.xml", "https://example.org/a.png", value=1),
        record(MAIN, "EncryptionKey", value="AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
        record(MAIN, "deviceId", value=GUID),
        record("", value=None),
    ],
    ids=range(7),
)
def test_other_places_name_none(each: Record) -> None:
    """What another library or another table holds is no account."""
    assert accounts([each]) == ()


def test_the_likeliest_comes_first() -> None:
    """What looks as dashboards spell it, then what is named most often."""
    records = [
        *(record(MAIN, f"key{number}:another-suffix", value=1) for number in range(50)),
        *(record(MAIN, f"key{number}:AAA-000-0000", value=1) for number in range(3)),
        *NAMED.values(),
    ]

    assert accounts(records) == (ACCOUNT, "AAA-000-0000", "another-suffix")


def test_hostile_storage_names_a_bounded_number() -> None:
    """And the real one is still among them."""
    records = [record(MAIN, f"key:x{number:07d}", value=1) for number in range(50_000)]
    begun = time.perf_counter()

    found = accounts([*NAMED.values(), *records])

    assert found[0] == ACCOUNT
    assert len(found) == 32
    assert time.perf_counter() - begun < _FOREVER


@given(
    st.text(max_size=40), st.lists(st.one_of(st.text(max_size=20), st.integers()), max_size=3), st.text(max_size=60)
)
def test_no_record_raises(path: str, steps: list[Step], value: str) -> None:
    """Names and values come from a device."""
    for place in (path, f"shared_prefs/WizRocket{path}.xml", f"databases/clevertap_{path}"):
        accounts([record(place, *steps, value=value)])


@pytest.mark.parametrize(
    ("path", "main"),
    [
        (MAIN, True),
        (f"{MAIN}.bak", True),
        (f"apps/org.example.shop/{MAIN}", True),
        ("shared_prefs/WizRocket_IJ.xml", False),
        ("files/WizRocket.xml", False),
    ],
)
def test_the_main_store_is_told(path: str, main: bool) -> None:
    """Wherever a source puts its containers."""
    assert is_main_store(path) is main


_FOREVER = 60
"""Seconds: what goes back and forth takes hours, what does not takes less than one, however busy the machine is."""
