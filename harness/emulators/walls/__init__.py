"""Walls that the kernel keeps: what every emulated device runs in, whatever it speaks."""
