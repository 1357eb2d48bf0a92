"""A stock iPhone on a cable: what a computer gets of it by libimobiledevice, and what it does not.

    wire         plists with a length before them
    muxer        usbmuxd: which phones are attached, pair records, connections to a port
    phone        the state of one phone: apps, trust, lock
    sessions     lockdownd: pairing, TLS, values, services
    files        what AFC may see of a sandbox, and what is refused
    afc          the file protocol, also of house arrest
    services     the small ones: apps, notifications, icons, the log
    backup       mobilebackup2: a full backup, plain or encrypted
    device       all of it as a process that the harness holds

Simulated, in one process without a kernel's walls: no program runs on it. What it refuses is what lockdownd refuses,
by the rules of a sandbox in memory.
"""
