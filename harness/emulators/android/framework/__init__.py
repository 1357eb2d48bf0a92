"""The framework of an emulated device: `pm`, `am`, `dumpsys`, `settings`, `bu` … as one service in pid 1.

caller      who calls: what the kernel says of the other end of a socket
service     the socket, the requests, and their end
request     one call; answers are written by forked children
system      the state: packages, settings, properties, logs, running apps
commands/   one command a module; the name of the file is the name of the command
"""

from harness.emulators.android.framework.service import Framework
from harness.emulators.android.framework.system import Options, System

__all__ = ["Framework", "Options", "System"]
