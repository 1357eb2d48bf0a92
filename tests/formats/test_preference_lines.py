"""The fast reader of preferences: it gives what the careful one gives, on any bytes, and leaves the rest to it."""

import random
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.fuzz.mutation import mutated
from harness.errors import FormatError, LimitError
from harness.formats import _preference_lines
from harness.formats._preference_lines import preference_values
from harness.formats.shared_prefs import SharedPrefs
from harness.limits import Budget, Limits
from harness.model import Document, Long, Value

LIMITS = Limits()
HEAD = "<?xml version='1.0' encoding='utf-8' standalone='yes' ?>\n<map>\n"
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["", "&", "&quot;", "a<b", '{"email":"jane@example.org"}', "x\n    <int", "\r\n", "😀"]
)
CONTENT = st.dictionaries(
    TEXTS,
    st.none()
    | TEXTS
    | st.booleans()
    | st.integers(-(1 << 63), (1 << 63) - 1)
    | st.integers(0, 9).map(Long)
    | st.floats(width=32)
    | st.lists(TEXTS, max_size=3).map(tuple),
    max_size=8,
)
ODD = (
    "    <null name='a' />\n",
    '    <null name="a" value="" />\n',
    '    <null name="a&quot; value=&quot;" />\n',
    '    <null name="a">text</null>\n',
    '    <string name="a" value="b" />\n',
    '    <string name="a" />\n',
    '    <string name=""></string>\n',
    '    <string name="a">b&amp;quot;c&#65;</string>\n',
    '    <string name="a">b&c</string>\n',
    '    <string name="a"><![CDATA[b]]></string>\n',
    '    <string name="a">b</string><!-- c -->\n',
    '    <int name="a">5</int>\n',
    '    <int name="a" value="five" />\n',
    '    <int name="a" value=" 5 " />\n',
    '    <int name="a" value="&#53;" />\n',
    '    <boolean name="a" value="TRUE" />\n',
    '    <set name="a">\n        <string>b</string>\n        <null />\n    </set>\n',
    '    <set name="a&amp;b">\n        <string>c &lt; d</string>\n    </set>\n',
    '    <set name="a">\n    </set>\n',
    '    <set name="a" />\n',
    '    <map name="a">\n        <int name="b" value="1" />\n    </map>\n',
    "text\n",
    "\n",
)


def _all(values: Iterator[Value]) -> tuple[list[str], type[Exception] | None]:
    """Everything that came, with its type and whatever a number is, and what ended it."""
    found: list[str] = []
    try:
        found.extend(
            f"{value.steps!r} {type(value.value).__name__} {value.value!r} {value.state}" for value in values
        )
    except FormatError as error:
        return found, type(error)
    return found, None


def _agree(data: bytes) -> None:
    form = SharedPrefs()
    document = Document(data)
    careful = _all(form.read(document, LIMITS).values(LIMITS))

    assert _all(form.decode(document, LIMITS)) == careful


@given(content=CONTENT, chunk=st.sampled_from([1, 60, 200, 1 << 16]))
def test_what_android_writes_is_read_fast(content: dict[str, object], chunk: int) -> None:
    """To the last byte, in chunks of any size, and as the careful reader does."""
    data = bytes(SharedPrefs().encode(content).data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_preference_lines, "_CHUNK", chunk)

        _agree(data)


@given(content=CONTENT, seed=st.integers(0, 1 << 32), chunk=st.sampled_from([60, 1 << 16]))
def test_what_is_damaged_reads_the_same(content: dict[str, object], seed: int, chunk: int) -> None:
    """With the same values before the fault."""
    form = SharedPrefs()
    document = mutated(Document(bytes(form.encode(content).data)), (), random.Random(seed))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_preference_lines, "_CHUNK", chunk)

        _agree(bytes(document.data))


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("chunk", [60, 1 << 16])
def test_what_another_writer_could_write_reads_the_same(
    odd: str, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the middle of what Android writes."""
    monkeypatch.setattr(_preference_lines, "_CHUNK", chunk)
    around = "".join(f'    <int name="n{n}" value="{n}" />\n' for n in range(5))

    _agree((HEAD + around + odd + around + "</map>\n").encode())


def test_values_beyond_the_limit_are_the_same() -> None:
    """One file gives as many as it may, and then says so."""
    lines = "".join(f'    <int name="n{n}" value="{n}" />\n' for n in range(50))
    document = Document((HEAD + lines + "</map>\n").encode())
    values = SharedPrefs().decode(document, Limits(values=20))

    assert [value.value for value in (next(values) for _ in range(20))] == list(range(20))
    with pytest.raises(LimitError):
        next(values)


def test_most_files_need_no_careful_reader() -> None:
    """Texts with entities, numbers and sets, all of them."""
    content = {"a": '{"email":"jane@example.org"}', "b": 1, "c": ("x", "y & z"), "d": None, 'e "f"': True, "g": 0.5}
    data = bytes(SharedPrefs().encode(content).data)
    ended: list[int] = []

    def given() -> Iterator[Value]:
        ended.append((yield from preference_values(data, Budget(what="values", left=10))))

    assert len(list(given())) == 7
    assert ended == [-1]


@pytest.mark.parametrize(
    "piece", ['    <string name="', '    <set name="a">\n        <string>b</string>\n', "&", "\n    </", "    <"]
)
def test_hostile_bytes_take_linear_time(piece: str) -> None:
    """Beginnings that never end."""
    spent = []
    for size in (1 << 18, 1 << 20):
        data = (HEAD + piece * (size // len(piece)) + "</map>\n").encode()
        began = time.process_time()
        _all(SharedPrefs().decode(Document(data), LIMITS))
        spent.append(time.process_time() - began)

    assert spent[1] < 12 * spent[0] + 0.2
