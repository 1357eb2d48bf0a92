"""Values that hold values: documents decoded in place, encodings peeled, four levels at most."""

import base64
import gzip
import json
import plistlib
import time
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import registry
from harness.formats.base import Format
from harness.limits import Limits
from harness.model import Long, Scalar, State
from harness.scan.unfold import Leaf, Unfolder, Way, as_text, choose_format

FORMATS = registry.load("formats", Format)
UNFOLDER = Unfolder(FORMATS, Limits())
MAIL = "jane.roe@example.org"


def unfold(value: Scalar, *, unfolder: Unfolder = UNFOLDER) -> list[Leaf]:
    return list(unfolder.leaves(value, ("profile",), state=State.LIVE))


def values(leaves: list[Leaf]) -> list[tuple[tuple[str | int, ...], Scalar, tuple[str, ...]]]:
    """Place, value and layers of those that are no names."""
    return [(leaf.steps, leaf.value, leaf.layers) for leaf in leaves if not leaf.in_key]


def b64(data: str | bytes) -> str:
    return base64.b64encode(data.encode() if isinstance(data, str) else data).decode()


# -- the rule of layers --------------------------------------------------------------------------


@pytest.mark.parametrize("value", [None, True, 7, 1.5, "", "Jane", b"\x00\x01", MAIL, "7", "{", "[]", "{}"])
def test_a_value_that_holds_nothing_is_its_own_leaf(value: Scalar) -> None:
    """At its place, without layers."""
    assert values(unfold(value)) == [(("profile",), value, ())]


@pytest.mark.parametrize("value", [Long(4626062634337861370), "4626062634337861370"])
def test_a_double_is_read_from_its_bits(value: Scalar) -> None:
    """As Android's preferences have it, and as the raw lane sees that; a plain number stays one."""
    assert values(unfold(value)) == [(("profile",), value, ()), (("profile",), "19.076", ("double-bits",))]
    assert values(unfold(4626062634337861370)) == [(("profile",), 4626062634337861370, ())]


def test_json_that_a_value_is_adds_no_layer() -> None:
    """A column of JSON is a document with places, not an encoding of something."""
    assert values(unfold(json.dumps({"Email": MAIL, "tags": ["a", 1]}))) == [
        (("profile", "Email"), MAIL, ()),
        (("profile", "tags", 0), "a", ()),
        (("profile", "tags", 1), 1, ()),
    ]


def test_json_within_json_adds_one() -> None:
    """A string that had to be unescaped once more."""
    nested = json.dumps({"user": json.dumps({"Email": MAIL})})

    assert values(unfold(nested)) == [(("profile", "user", "Email"), MAIL, ("json",))]


def test_json_within_base64_adds_both() -> None:
    """Outermost first; the encoded text itself stays a leaf, since it is what is stored."""
    encoded = b64(json.dumps({"Email": MAIL}))

    assert values(unfold(encoded)) == [
        (("profile",), encoded, ()),
        (("profile", "Email"), MAIL, ("base64", "json")),
    ]


def test_layers_are_told_outermost_first() -> None:
    """Base64 of gzip of JSON, in a string of JSON."""
    inner = b64(gzip.compress(json.dumps({"Email": MAIL, "pad": "x" * 40}).encode(), mtime=0))
    leaves = values(unfold(json.dumps({"blob": inner})))

    assert (("profile", "blob", "Email"), MAIL, ("base64", "gzip", "json")) in leaves


@pytest.mark.parametrize("layer", ["gzip", "zlib"])
def test_a_stream_that_a_value_is_adds_its_layer(layer: str) -> None:
    """Compressed is encoded, whether or not there is a file format of the same kind."""
    packed = gzip.compress(MAIL.encode(), mtime=0) if layer == "gzip" else zlib.compress(MAIL.encode())

    assert values(unfold(packed)) == [(("profile",), packed, ()), (("profile",), MAIL, (layer,))]


def test_a_property_list_in_base64_is_opened() -> None:
    """Binary documents are told by their magic."""
    leaves = values(unfold(b64(plistlib.dumps({"Email": MAIL}, fmt=plistlib.FMT_BINARY))))

    assert [(steps, value, layers[0]) for steps, value, layers in leaves if value == MAIL] == [
        (("profile", "Email"), MAIL, "base64")
    ]


def test_what_was_peeled_before_comes_first() -> None:
    """The caller may have opened the file's own wrapping."""
    (leaf,) = UNFOLDER.leaves("Jane", (), state=State.WAL, way=Way(("gzip",), 1))

    assert (leaf.state, leaf.layers) == (State.WAL, ("gzip",))


@pytest.mark.parametrize("state", State)
def test_the_state_is_that_of_the_place(state: State) -> None:
    """What is inside of a deleted row is deleted."""
    leaves = UNFOLDER.leaves(json.dumps({"a": b64(MAIL + " and more"), "b": 1}), (), state=state)

    assert {leaf.state for leaf in leaves} == {state}


# -- names ---------------------------------------------------------------------------------------


def test_names_on_the_way_are_leaves_of_their_own() -> None:
    """SDKs build keys out of an identity; the last name is searched with its value."""
    leaves = unfold(json.dumps({MAIL: {"visits": 3, "last": 4}, "id": {"x": 1}}))

    assert [(leaf.steps, leaf.value) for leaf in leaves if leaf.in_key] == [(("profile", MAIL), MAIL)]
    assert values(leaves)[0] == (("profile", MAIL, "visits"), 3, ())


def test_the_key_of_a_leaf_is_its_nearest_name() -> None:
    """Elements of an array are called after the array."""
    assert [leaf.key for leaf in unfold(json.dumps({"mails": [MAIL]}))] == ["mails"]


# -- damage, caps, hostility ---------------------------------------------------------------------


@pytest.mark.parametrize("cut", range(1, 12))
def test_a_damaged_document_is_kept_raw(cut: int) -> None:
    """Whatever was read of it counts, and so does the text as it is: nothing is lost by looking closer."""
    text = json.dumps({"Email": MAIL, "n": [1, 2, {"x": "y"}]})[:-cut]
    leaves = values(unfold(text))

    assert (("profile",), text, ()) in leaves


def nested(levels: int) -> str:
    value = MAIL + " is hers"
    for _ in range(levels):
        value = b64(value)
    return value


@pytest.mark.parametrize("levels", range(7))
def test_four_levels_are_opened(levels: int) -> None:
    """What is deeper stays as it is: somebody who nests without end decides nothing about our time."""
    leaves = values(unfold(nested(levels)))

    assert max(len(layers) for _, _, layers in leaves) == min(levels, 4)
    assert (MAIL + " is hers" in [value for _, value, _ in leaves]) == (levels <= 4)


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_the_cap_on_depth_is_the_callers(depth: int) -> None:
    """Documents and encodings count alike."""
    shallow = Unfolder(FORMATS, Limits(depth=depth))
    leaves = values(unfold(json.dumps({"a": nested(6)}), unfolder=shallow))

    assert max(len(layers) for _, _, layers in leaves) == depth - 1


@given(st.binary(max_size=300) | st.text(max_size=100))
def test_nothing_breaks_it(value: bytes | str) -> None:
    """Every value of every file comes through here, and every value stays to be searched."""
    leaves = unfold(value)

    assert leaves
    assert all(leaf.steps[:1] == ("profile",) for leaf in leaves)


@given(st.sampled_from([b"{", b"[", b'{"', b"<", b"bplist00", b"<?xml", b"SQLite format 3\x00", b"\x1f\x8b\x08\x00"]), st.binary(max_size=200))  # fmt: skip  # noqa: E501
def test_the_mere_beginning_of_a_document_is_no_document(magic: bytes, rest: bytes) -> None:
    """A magic number and noise: the value is kept, whatever a format thinks of it."""
    leaves = unfold(magic + rest)

    assert leaves


@pytest.mark.parametrize("value", ["[" * 100_000, '{"a":' * 50_000, "<a>" * 50_000, '["' * 50_000])
def test_depth_without_end_costs_little(value: str) -> None:
    """No recursion, and no time to speak of."""
    begun = time.process_time()
    leaves = unfold(value)

    assert leaves
    assert time.process_time() - begun < 10


# -- choosing ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["gzip_file", "json_text", "property_list", "shared_prefs", "sqlite"])
def test_the_surest_format_is_chosen(name: str) -> None:
    """By content; a file's name is only what somebody called it."""
    for sample in FORMATS[name].samples:
        data = bytes(FORMATS[name].encode(sample.content).data)

        assert choose_format(FORMATS, data[:4096], len(data)).name == name


@given(st.binary(max_size=200))
def test_a_choice_never_depends_on_order(head: bytes) -> None:
    """Of registration, installation or the file system."""
    backwards = dict(reversed(FORMATS.items()))

    assert choose_format(FORMATS, head, len(head)) is choose_format(backwards, head, len(head))


@given(st.binary(max_size=600))
def test_text_is_what_decodes_to_the_same_bytes(data: bytes) -> None:
    """Either way nothing is lost."""
    text = as_text(data)

    assert (text.encode() if isinstance(text, str) else text) == data
