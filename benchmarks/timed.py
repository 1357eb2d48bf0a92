"""Runs one command and says on descriptor 3 what it cost. A process of its own, because a child's peak memory is at
least that of the process that started it.

Its last line of work is `wait4`, which counts the command and all that it waited for.
"""

import json
import os
import sys
import time

if __name__ == "__main__":
    report = int(sys.argv[1])
    begin = time.monotonic()
    child = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ, file_actions=[(os.POSIX_SPAWN_CLOSE, report)])
    _, status, usage = os.wait4(child, 0)
    cost = {
        "cpu": usage.ru_utime + usage.ru_stime,
        "wall": time.monotonic() - begin,
        "peak": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
        "code": os.waitstatus_to_exitcode(status),
    }
    os.write(report, json.dumps(cost).encode())
