"""Whether bytes look drawn at random, as ciphertext does."""

import numpy as np

from harness.model import Buffer

__all__ = ["LEAST", "is_even"]

LEAST = 1024
"""Bytes; of fewer, chance says too little."""
_USUAL = (140.0, 370.0)
"""Chi-square over the 256 values of a byte: 255 ± 23 for noise, more for what means something, less for tables."""


def is_even(data: Buffer) -> bool:
    """Whether every byte is about as frequent as every other one."""
    if len(data) < LEAST:
        return False
    counts = np.bincount(np.frombuffer(data, np.uint8), minlength=256)
    expected = len(data) / 256
    return bool(_USUAL[0] < float(((counts - expected) ** 2).sum()) / expected < _USUAL[1])
