"""An emulated Android device: a process tree in namespaces of its own, behind an adbd that real clients accept."""
