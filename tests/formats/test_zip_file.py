"""Archives inside of storage are opened; what is encrypted in them is said to be."""

import io
import zipfile

import pytest

from harness.errors import FormatError
from harness.formats.zip_file import ZipFile
from harness.limits import Limits
from harness.model import Document, Share

FORM = ZipFile()


def archive(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return out.getvalue()


def test_members_are_values_under_their_names() -> None:
    """And a byte of a member leads to it."""
    data = archive(users=b'{"email": "jane@example.org"}' * 9, other=b"x" * 100)
    values = {value.steps: value.value for value in FORM.decode(Document(data), Limits())}
    (place,) = FORM.locate(Document(data), [data.index(b"users") + 10], Limits())

    assert values[("users",)] == b'{"email": "jane@example.org"}' * 9
    assert place.steps == ("users",)


def test_an_encrypted_member_is_counted_as_such() -> None:
    """It is not opened, and nothing is claimed of it."""
    data = bytearray(archive(users=b"secret" * 30))
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + flags] |= 1
    totals = FORM.account(Document(bytes(data)), Limits()).totals()

    assert totals[Share.ENCRYPTED] > 0
    assert list(FORM.decode(Document(bytes(data)), Limits())) == []


def test_a_bomb_costs_its_limit_and_is_told() -> None:
    """What was read before it stays."""
    data = archive(first=b"a" * 100, bomb=bytes(1 << 20))
    values = []
    with pytest.raises(FormatError, match="limit"):
        values.extend(FORM.decode(Document(data), Limits(expanded_bytes=10_000)))

    assert [value.steps for value in values] == [] or values[0].steps == ("first",)


def test_a_cut_off_archive_says_so() -> None:
    """Its directory is at its end."""
    data = archive(users=b"x" * 100)

    with pytest.raises(FormatError, match="directory"):
        list(FORM.decode(Document(data[:-10]), Limits()))
