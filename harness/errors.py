"""Every expected failure, as one tree; each says what to do next.

    HarnessError
    ├── UsageError       the words of the call are wrong                    exit 3
    ├── SourceError      what was to be scanned is missing or damaged       exit 3
    ├── PluginError      a plug-in breaks its family's contract             exit 3
    ├── DeviceError      a device or its transport failed                   exit 4
    │   ├── AccessDenied   the device refused, as it should                 exit 4
    │   └── Unanswered     nobody answered: what would have come of it?     exit 4
    └── FormatError      one file could not be read as its format says      never leaves the pipeline
        └── LimitError     a cap on size, depth, count or time was reached

A message never repeats stored bytes: it names the place and the fault, not the value.
"""

from typing import ClassVar

__all__ = [
    "AccessDenied",
    "DeviceError",
    "FormatError",
    "HarnessError",
    "LimitError",
    "PluginError",
    "SourceError",
    "Unanswered",
    "UsageError",
]


class HarnessError(Exception):
    """An expected failure, told in one line, with a hint for the operator."""

    exit_code: ClassVar[int] = 3

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint
        """What the operator can do about it; empty where the message says it all."""


class UsageError(HarnessError):
    """The words of the call are wrong."""


class SourceError(HarnessError):
    """What was to be scanned is missing, damaged or not understood."""


class PluginError(HarnessError):
    """A plug-in breaks the contract of its family; the message names the culprit."""


class DeviceError(HarnessError):
    """A device or its transport failed."""

    exit_code = 4


class AccessDenied(DeviceError):
    """The device refused to hand something out, as a real one would."""


class Unanswered(DeviceError):
    """A question did not reach who could answer it, so that nothing follows: neither yes nor no."""


class FormatError(HarnessError):
    """A file is not what its format promises; costs one line in the report, never the run."""


class LimitError(FormatError):
    """A cap on size, depth, count or time was reached."""
