"""Tombstones in protocol buffers, which Android keeps beside those in text: `tombstone_00.pb`.

The schema is public, so every value has its name, and a dump of memory says what it is near of.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, NamedTuple

from harness.errors import FormatError
from harness.formats._latin import latin, plain_text
from harness.formats._message_writer import Node, written
from harness.formats._text import Text
from harness.formats._token_format import TokenFormat, Worth
from harness.formats._tokens import Reading, Role, Token
from harness.formats._wire import I32, I64, LEN, VARINT, Field, fields, signed
from harness.formats.base import Sample
from harness.limits import Limits
from harness.model import Document, Step, Value

__all__ = ["Tombstone"]

_FINGERPRINT = re.compile(
    rb"[\w.+-]{1,60}/[\w.+-]{1,60}/[\w.+-]{1,60}:[^/\x00-\x1f]{1,40}/[^/\x00-\x1f]{1,60}/[\x20-\x7e]{1,160}"
)
_TIMESTAMP = re.compile(rb"\d{4}-[01]\d-[0-3]\d [0-2]\d:[0-5]\d:[0-6]\d")
_MAP = "map"
"""Of an entry of a map: its name becomes a step."""


class _Kind(NamedTuple):
    """What one field of a message is."""

    name: str
    message: str = ""
    """Name of the message that it holds; empty for text, bytes and numbers."""
    is_list: bool = False


def _message(text: str, **inner: str) -> Mapping[int, _Kind]:
    """From `1 name, 2 names*`: a star marks what may come more than once."""
    found = {}
    for each in text.split(", "):
        number, name = each.split(" ")
        plain = name.rstrip("*")
        found[int(number)] = _Kind(plain, inner.get(plain, ""), name.endswith("*"))
    return found


_SCHEMA: Mapping[str, Mapping[int, _Kind]] = {
    "tombstone": _message(
        "1 arch, 2 build_fingerprint, 3 revision, 4 timestamp, 5 pid, 6 tid, 7 uid, 8 selinux_label, "
        "9 command_line*, 10 signal, 14 abort_message, 15 causes*, 16 threads, 17 memory_map*, 18 logs*, "
        "19 open_files*, 20 process_uptime, 21 crash_details*, 22 page_size, 23 has_been_16kb_mode, "
        "24 guest_arch, 25 guest_threads, 26 stack_history",
        signal="signal", causes="cause", threads=_MAP, guest_threads=_MAP, memory_map="mapping", logs="buffer",
        open_files="file", crash_details="detail", stack_history="history",
    ),
    "detail": _message("1 name, 2 data"),
    "history": _message("1 tid, 2 entries*", entries="entry"),
    "entry": _message("1 addr, 2 fp, 3 tag", addr="frame"),
    "signal": _message(
        "1 number, 2 name, 3 code, 4 code_name, 5 has_sender, 6 sender_uid, 7 sender_pid, 8 has_fault_address, "
        "9 fault_address, 10 fault_adjacent_metadata",
        fault_adjacent_metadata="memory",
    ),
    "cause": _message("1 human_readable, 2 memory_error", memory_error="error"),
    "error": _message("1 tool, 2 type, 3 heap", heap="heap"),
    "heap": _message(
        "1 address, 2 size, 3 allocation_tid, 4 allocation_backtrace*, 5 deallocation_tid, 6 deallocation_backtrace*",
        allocation_backtrace="frame", deallocation_backtrace="frame",
    ),
    _MAP: _message("1 key, 2 value", value="thread"),
    "thread": _message(
        "1 id, 2 name, 3 registers*, 4 backtrace*, 5 memory_near*, 6 tagged_addr_ctrl, 7 backtrace_note*, "
        "8 pac_enabled_keys, 9 unreadable_elf_files*",
        registers="register", backtrace="frame", memory_near="memory",
    ),
    "register": _message("1 name, 2 u64"),
    "frame": _message(
        "1 rel_pc, 2 pc, 3 sp, 4 function_name, 5 function_offset, 6 file_name, 7 file_map_offset, 8 build_id"
    ),
    "memory": _message("1 register_name, 2 mapping_name, 3 begin_address, 4 memory, 6 tags", tags="tags"),
    "tags": _message("1 memory_tags"),
    "mapping": _message(
        "1 begin_address, 2 end_address, 3 offset, 4 read, 5 write, 6 execute, 7 mapping_name, 8 build_id, "
        "9 load_bias"
    ),
    "file": _message("1 fd, 2 path, 3 owner, 4 tag"),
    "buffer": _message("1 name, 2 lines*", lines="line"),
    "line": _message("1 timestamp, 2 pid, 3 tid, 4 priority, 5 tag, 6 message"),
}  # fmt: skip
_SIGNED = frozenset({"code", "fd", "id", "pac_enabled_keys", "tagged_addr_ctrl"})
"""Numbers that may be below 0; all others, addresses above all, may have their highest bit set."""
_BYTES = frozenset({"memory", "data", "memory_tags"})
_LABELS = {"memory": 1, "register": 1, "buffer": 1, "line": 5}
"""Messages that one of their fields names: what is near a register, the lines of a buffer, by their tag."""
_NEAR = b"\x00jane.roe@example.org\xff"
_CRASH: Mapping[int, Node] = {
    1: 1,
    2: "example/phone/phone:14/UP1A/1:user/release-keys",
    4: "2024-02-29 12:30:00.005+0100",
    5: 4321,
    9: ["com.example.app"],
    10: {1: 6, 2: "SIGABRT", 3: -1},
    14: "no account of jane@example.org",
    16: [{1: 4330, 2: {1: 4330, 2: "Render", 3: [{1: "x0", 2: 7}], 5: [{1: "x0", 3: 4096, 4: _NEAR}]}}],
    17: [{1: 4096, 2: 8192, 7: "/data/app/base.apk"}],
    18: [{1: "main", 2: [{1: "02-29 12:30:00.005", 4: 4, 5: "Login", 6: "for Zoë +44 7700 900123"}]}],
}


class Tombstone(TokenFormat):
    """A locator begins with the section: `header`, `signal`, `threads`, `memory_map`, `logs`, `open_files`; a thread
    goes by its number, what is near a register and a line of a log by the name of it as well."""

    title = "Android tombstone, in protocol buffers"
    source = "AOSP, system/core/debuggerd/proto/tombstone.proto"
    framed = True
    container_only = True
    samples: ClassVar[tuple[Sample, ...]] = (
        Sample(
            _CRASH,
            (
                Value(("header", "arch"), 1),
                Value(("header", "build_fingerprint"), "example/phone/phone:14/UP1A/1:user/release-keys"),
                Value(("header", "timestamp"), "2024-02-29 12:30:00.005+0100"),
                Value(("header", "pid"), 4321),
                Value(("header", "command_line", 0), "com.example.app"),
                Value(("signal", "number"), 6),
                Value(("signal", "name"), "SIGABRT"),
                Value(("signal", "code"), -1),
                Value(("header", "abort_message"), "no account of jane@example.org"),
                Value(("threads", 4330, "key"), 4330),
                Value(("threads", 4330, "id"), 4330),
                Value(("threads", 4330, "name"), "Render"),
                Value(("threads", 4330, "registers", 0, "x0", "u64"), 7),
                Value(("threads", 4330, "memory_near", 0, "x0", "begin_address"), 4096),
                Value(("threads", 4330, "memory_near", 0, "x0", "memory"), _NEAR),
                Value(("memory_map", 0, "begin_address"), 4096),
                Value(("memory_map", 0, "end_address"), 8192),
                Value(("memory_map", 0, "mapping_name"), "/data/app/base.apk"),
                Value(("logs", 0, "main", "lines", 0, "Login", "timestamp"), "02-29 12:30:00.005"),
                Value(("logs", 0, "main", "lines", 0, "Login", "priority"), 4),
                Value(("logs", 0, "main", "lines", 0, "Login", "message"), "for Zoë +44 7700 900123"),
            ),
        ),
    )

    def sniff(self, head: bytes, size: int) -> float:
        found: dict[int, bytes] = {}
        try:
            for each in fields(head, 0, size):
                if each.start >= len(head) or each.number > 4:
                    break
                found[each.number] = head[each.body : each.end] if each.kind == LEN else b""
        except FormatError:
            return 0.0
        is_one = _FINGERPRINT.fullmatch(found.get(2, b"")) and _TIMESTAMP.match(found.get(4, b""))
        return 0.98 if is_one else 0.0

    def read(self, document: Document, limits: Limits) -> Reading:
        data = bytes(document.data)
        return Reading(Text(data, data), lambda: _Reader(data).message("tombstone", 0, len(data), ()), latin)

    def worth(self, reading: Reading, telling: re.Pattern[bytes]) -> Worth | None:
        """What stands under a telling name."""
        return lambda raw, token: bool(raw) and telling.search(Value(token.steps, None).key.encode()) is not None

    def encode(self, content: Any) -> Document:
        """`content` is a message: field numbers to a value, or to a list of them."""
        if not isinstance(content, Mapping):
            raise FormatError("a tombstone is written from a mapping of field numbers")
        return Document(written(content))


class _Reader:
    """Reads messages by the schema; what it does not know is given as it is, under the number of its field."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def message(self, kind: str, start: int, end: int, steps: tuple[Step, ...]) -> Iterator[Token]:
        """All values of one message, in the order of their bytes."""
        schema, label = _SCHEMA[kind], _LABELS.get(kind, 0)
        counts: dict[int, int] = {}
        if kind in _LABELS or kind == _MAP:
            steps = self._named(kind, start, end, steps)
        for each in fields(self._data, start, end):
            known = schema.get(each.number) or _Kind(f"field {each.number}", is_list=True)
            here = self._above(kind, known, steps)
            if known.is_list:
                here = (*here, counts.setdefault(each.number, 0))
                counts[each.number] += 1
            if known.message and each.kind == LEN:
                yield from self.message(known.message, each.body, each.end, self._within(kind, here))
            elif each.number == label and each.kind == LEN:
                yield Token(each.body, each.end, steps, Role.KEY, plain_text(self._data[each.body : each.end]))
            else:
                yield self._value(each, known.name, here)

    @staticmethod
    def _above(kind: str, known: _Kind, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        is_header = kind == "tombstone" and not known.message
        return (*steps, "header", known.name) if is_header else (*steps, known.name)

    @staticmethod
    def _within(kind: str, here: tuple[Step, ...]) -> tuple[Step, ...]:
        """The thread in an entry of the map of threads stands where the entry does."""
        return here[:-1] if kind == _MAP else here

    def _named(self, kind: str, start: int, end: int, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        try:
            for each in fields(self._data, start, end):
                if kind == _MAP and each.number == 1 and each.kind == VARINT:
                    return (*steps, each.value)
                if each.number == _LABELS.get(kind) and each.kind == LEN:
                    return (*steps, plain_text(self._data[each.body : each.end]))
        except FormatError:
            pass  # met again, and told, by who reads the fields
        return steps

    def _value(self, each: Field, name: str, steps: tuple[Step, ...]) -> Token:
        raw = self._data[each.body : each.end]
        if each.kind == VARINT:
            number = signed(each.value) if name in _SIGNED else each.value
            return Token(each.body, each.end, steps, Role.VALUE, number)
        if each.kind in {I32, I64}:
            return Token(each.body, each.end, steps, Role.VALUE, int.from_bytes(raw, "little"))
        is_bytes = name in _BYTES or each.kind != LEN or b"\x00" in raw
        return Token(each.body, each.end, steps, Role.VALUE, raw if is_bytes else plain_text(raw))
