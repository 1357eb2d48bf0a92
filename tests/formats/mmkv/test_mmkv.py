"""MMKV: what counts is read, what was replaced or left behind is read and said to be so, and nothing is made up."""

import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import FormatError
from harness.formats.base import as_bytes
from harness.formats.mmkv import Mmkv, Storable, Store, decrypted
from harness.formats.mmkv.cipher import crypt
from harness.limits import Limits
from harness.model import Document, Share, State, Value

FORM = Mmkv()
LIMITS = Limits()
KEY = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0x24F, exclude_categories=["Cc"]), min_size=1, max_size=40
)
TEXT = st.text(st.characters(min_codepoint=0x20, exclude_categories=["Cs", "Cc"]), min_size=8, max_size=300)
WORD = st.from_regex(r"[a-z]{3,9}\.[a-z]{3,9}_[0-9]{1,2}", fullmatch=True)
STORABLE: st.SearchStrategy[Storable] = st.one_of(
    TEXT,
    st.booleans(),
    st.integers(-(1 << 63), (1 << 63) - 1),
    st.floats(1e-6, 1e12).filter(lambda value: value != int(value)),
    st.none(),
)


def decoded(document: Document) -> list[Value]:
    return list(FORM.decode(document, LIMITS))


def in_state(document: Document, state: State) -> set[tuple[str, bytes]]:
    return {(value.key, as_bytes(value.value)) for value in decoded(document) if value.state is state}


def told(value: Storable) -> bytes:
    return as_bytes(int(value)) if isinstance(value, bool) else as_bytes(value)  # type: ignore[arg-type]


@given(st.lists(st.tuples(KEY, STORABLE), min_size=3, max_size=20), st.booleans())
def test_the_newest_of_each_key_counts(entries: list[tuple[str, Storable]], old_layout: bool) -> None:
    """A later entry replaces an earlier one, and an empty one removes its key; all of them are read."""
    document = FORM.encode(Store(entries=tuple(entries), old_layout=old_layout))
    newest = {key: told(value) for key, value in dict(entries).items() if value is not None}
    everything = {(key, told(value)) for key, value in entries if value is not None}

    assert in_state(document, State.LIVE) == set(newest.items())
    assert {(value.key, as_bytes(value.value)) for value in decoded(document)} == everything


@settings(max_examples=40)
@given(
    st.lists(st.tuples(WORD, TEXT), min_size=1, max_size=12), st.lists(st.tuples(WORD, TEXT), min_size=8, max_size=30)
)
def test_what_a_longer_row_left_behind_is_found(new: list[tuple[str, str]], old: list[tuple[str, str]]) -> None:
    """Every entry that is whole behind the newest row is found under its key, and nothing else is."""
    document = FORM.encode(Store(entries=tuple(new), before=tuple(old)))
    end = len(bytes(FORM.encode(Store(entries=tuple(new))).data).rstrip(b"\x00"))
    found = in_state(document, State.SUPERSEDED)
    bare = bytes(FORM.encode(Store(entries=tuple(old))).data)
    starts = {key: bare.rfind(bytes([len(key)]) + key.encode()) for key, _ in old}

    whole = {(key, as_bytes(value)) for key, value in dict(old).items() if starts[key] >= end}
    assert whole <= found
    everything = {value for _, value in (*new, *old)}
    assert all(value.decode() in everything for _, value in found)


@given(st.binary(min_size=0, max_size=3000), st.integers(0, 2**32))
def test_noise_behind_the_entries_is_no_entry(noise: bytes, seed: int) -> None:
    """What is random is not carved."""
    document = FORM.encode(Store(entries=(("email", "jane.roe@example.org"), ("visits", 3), ("name", "Jane Roe"))))
    used = len(bytes(document.data).rstrip(b"\x00"))
    shuffled = random.Random(seed).randbytes(len(noise))
    data = (bytes(document.data)[:used] + shuffled).ljust(4096, b"\x00")

    assert len(decoded(Document(data, document.sidecars))) == 3


@pytest.mark.parametrize("has_vector", [True, False])
def test_an_encrypted_store_is_recognised_and_opened_with_its_key(*, has_vector: bool) -> None:
    """Without its key it gives nothing and says what it is; with it, everything."""
    entries: tuple[tuple[str, Storable], ...] = tuple((f"user.{n}", f"jane{n}@example.org") for n in range(12))
    iv = bytes(range(1, 17)) if has_vector else b""
    sealed = FORM.encode(Store(entries=entries, key=b"synthetic-key-99", iv=iv))
    bare = Document(sealed.data)

    for document in (sealed, bare):
        assert FORM.sniff(bytes(document.data)[:4096], len(document.data)) >= 0.7
        assert decoded(document) == []
        ledger = FORM.account(document, LIMITS)
        assert ledger.totals()[Share.ENCRYPTED] > 300
        assert not ledger.fault
    assert in_state(decrypted(sealed, b"synthetic-key-99"), State.LIVE) == {(k, told(v)) for k, v in entries}
    with pytest.raises(FormatError):
        decrypted(sealed, b"another-key-0000")


def test_a_checksum_that_does_not_fit_is_a_fault() -> None:
    """The entries are read all the same."""
    document = FORM.encode(Store(entries=(("email", "jane.roe@example.org"), ("visits", 3), ("name", "Jane Roe"))))
    changed = Document(bytes(document.data).replace(b"jane", b"june"), document.sidecars)
    values: list[Value] = []
    with pytest.raises(FormatError):
        values.extend(FORM.decode(changed, LIMITS))

    assert len(values) == 3
    assert FORM.account(changed, LIMITS).fault


def test_without_its_crc_a_store_is_read_as_far_as_it_proves_itself() -> None:
    """Nothing says where it ends, so every entry has to."""
    document = FORM.encode(Store(entries=(("email", "jane.roe@example.org"), ("visits", 0), ("gone", None))))

    assert in_state(Document(document.data), State.LIVE) == {("email", b"jane.roe@example.org"), ("visits", b"0")}


@pytest.mark.parametrize(
    "name", ["m1-plain", "m2-overwrites", "m3-removed", "m6-cleared", "m7-expiring", "m8-compacted"]
)
def test_what_the_engine_itself_wrote_is_read(name: str, shared_corpus: Path | None) -> None:
    """Every value that its own library read back counts, and all that is still on disk is found, and no more."""
    if shared_corpus is None:
        return
    folder = shared_corpus / "mmkv" / name
    truth = json.loads((folder / "truth.json").read_text())
    main = folder / truth["mmkv_id"]
    document = Document(main.read_bytes(), {".crc": main.with_name(main.name + ".crc").read_bytes()})
    planted = {(each["key"], each["value"].encode()) for each in truth["values"] if each["live"]}
    residue = {each["value"].encode() for each in truth["values"] if not each["live"] and each["residue"]}
    numbers = {"flag_onboarded", "launch_count", "last_open", "ratio"}
    live = {pair for pair in in_state(document, State.LIVE) if pair[0] not in numbers}

    assert live == planted
    assert residue <= {value for _, value in in_state(document, State.SUPERSEDED)}


def test_a_key_of_32_bytes_is_one_of_aes_256() -> None:
    """Where AES-128 with its begin does not open a store."""
    plain = FORM.encode(Store(entries=(("email", "jane.roe@example.org"), ("name", "Jane Roe"), ("n", 3))))
    key = bytes(range(32))
    size = int.from_bytes(bytes(plain.sidecars[".crc"])[28:32], "little")
    body = crypt(bytes(plain.data)[4 : 4 + size], key, key[:16], encrypt=True)
    sealed = Document(bytes(4) + body + bytes(4092 - size))

    assert {value.value for value in decoded(decrypted(sealed, key))} >= {"Jane Roe"}


def test_a_text_of_an_earlier_time_is_not_taken_for_entries() -> None:
    """Letters could be lengths: of a long text that was cut nothing is made up."""
    letter = "\n".join(f"no session on board, once upon a time {n}" for n in range(60))
    for cut in range(40, 400, 7):
        entries = (("email", "jane.roe@example.org"), ("pad", "x" * cut))
        document = FORM.encode(Store(entries=entries, before=(("old.letter", letter), ("old.name", "Jane Roe"))))
        found = {value.value for value in decoded(document) if value.state is not State.LIVE}

        assert found == {"Jane Roe"}


def test_what_takes_too_long_is_said() -> None:
    """Not found in time is not nothing there."""
    document = FORM.encode(Store(entries=(("a", "b"), ("c", "d"), ("e", "f"))))
    data = bytes(document.data).rstrip(b"\x00") + bytes(range(1, 250)) * 40
    slow = Document(data + bytes(-len(data) % 4096), document.sidecars)

    assert FORM.account(slow, Limits(seconds_per_file=0.0)).fault


@given(st.binary(max_size=300), st.binary(max_size=120))
def test_any_bytes_are_read_or_refused(data: bytes, meta: bytes) -> None:
    """Whatever stands in either file."""
    for sidecars in ({}, {".crc": meta}):
        document = Document(data, sidecars)
        try:
            assert all(isinstance(value, Value) for value in FORM.decode(document, LIMITS))
        except FormatError:
            assert FORM.account(document, LIMITS).fault
