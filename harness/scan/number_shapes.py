"""Shapes of the kernel that are numbers, dates, addresses of machines, or words of names."""

from collections.abc import Callable, Mapping

from harness.detectors.base import Shape
from harness.scan.words import Chunk, Words, ahead, behind, followed

__all__ = ["NUMBER_SHAPES"]


def _digits_14(chunk: Chunk) -> Words:
    four = chunk.four
    return followed(four, 4) & ahead(four, 8) & ahead(chunk.two, 12) & ~behind(chunk.digits, 1)


def _grouped_4(chunk: Chunk) -> Words:
    four = chunk.four
    group = (chunk.blanks | chunk.hyphens) & ahead(four, 1)
    cards = ahead(group, 4) & ahead(group, 9)
    amex = ahead(group, 4) & ahead(chunk.two, 9) & ahead(group, 11)
    return four & (cards | amex)


def _separated(chunk: Chunk) -> Words:
    two, three = chunk.two, chunk.three
    joint = chunk.blanks | chunk.hyphens | chunk.dots
    tail = joint & ahead(chunk.four, 1)
    seven = ahead(three, 4) & ahead(tail, 7)
    separated = ahead(joint, 3) & ((ahead(two, 4) & ahead(tail, 6)) | seven)
    bracketed = ahead(chunk.equal(41), 3) & (seven | (ahead(chunk.blanks, 4) & ahead(three, 5) & ahead(tail, 8)))
    return three & (separated | bracketed)


def _ipv4(chunk: Chunk) -> Words:
    """Backwards: a dot before the last group, one before that, and the one behind the first."""
    digits, two, three, dots = chunk.digits, chunk.two, chunk.three, chunk.dots
    last = dots & ahead(digits, 1)
    for _ in range(2):
        if not last.any():
            return last
        last = dots & (
            (ahead(digits, 1) & ahead(last, 2))
            | (ahead(two, 1) & ahead(last, 3))
            | (ahead(three, 1) & ahead(last, 4))
        )
    first: Words = (digits & ahead(last, 1)) | (two & ahead(last, 2)) | (three & ahead(last, 3))
    return first & ~behind(digits, 1)


def _colons(chunk: Chunk) -> Words:
    """Backwards, too: three colons with one to four hex digits between, of which the last two may touch."""
    colons, digits = chunk.colons, chunk.hexadecimal
    pair = digits & ahead(digits, 1)
    hyphen = chunk.hyphens & ahead(pair, 1)
    run = followed(hyphen, 3)
    found = pair & ahead(run & ahead(run, 6) & ahead(hyphen, 12), 2)
    if not colons.any():
        return found
    groups = (digits, pair, pair & ahead(digits, 2), pair & ahead(pair, 2))
    double = colons & ahead(colons, 1)
    third = colons & ahead(digits | colons, 1)
    second = double | _before(colons, groups, third)
    first = (double & behind(groups[3], 4)) | _before(colons, groups, second)
    begun = digits & ahead(first, 1)
    if not begun.any():
        return found
    inner = digits & behind(colons, 1)
    for _ in range(3):  # what begins no further than four digits behind a colon is no first group
        inner |= digits & behind(inner, 1)
    return found | (begun & ~inner)


def _before(colons: Words, groups: tuple[Words, ...], following: Words) -> Words:
    """Colons before a group of digits that ends where `following` is set."""
    out = colons & ahead(groups[0], 1) & ahead(following, 2)
    for size, group in enumerate(groups[1:], 2):
        out |= colons & ahead(group, 1) & ahead(following, size + 1)
    return out


def _date(chunk: Chunk) -> Words:
    digits, two, four = chunk.digits, chunk.two, chunk.four
    joint = chunk.hyphens | chunk.slashes | chunk.dots
    year_first = four & ahead(joint, 4) & ahead(two, 5) & ahead(joint, 7) & ahead(two, 8)
    tail = joint & ahead(four, 1)
    middle = joint & ((ahead(digits, 1) & ahead(tail, 2)) | (ahead(two, 1) & ahead(tail, 3)))
    return year_first | (digits & ahead(middle, 1))


def _iban(chunk: Chunk) -> Words:
    body = chunk.capitals | chunk.digits
    four = followed(body, 1, 2)
    long = four & ahead(four, 4) & ahead(four, 7)
    group = chunk.blanks & ahead(four, 1)
    country = chunk.capitals & ahead(chunk.capitals, 1) & ahead(chunk.two, 2)
    return country & (ahead(long, 4) | (ahead(group, 4) & ahead(group, 9)))


_LONGEST_WORD = 16
"""Bytes."""


def _title_pair(chunk: Chunk) -> Words:
    """A blank before a capital and behind a word that has one; a letter that is no ASCII may be either."""
    initial = chunk.capitals | chunk.foreign
    small = (chunk.letters & ~chunk.capitals) | chunk.foreign
    blank = chunk.blanks & ahead(initial, 1) & ahead(small, 2) & behind(small, 1)
    if not blank.any():
        return blank
    word = initial & ahead(small, 1)
    step = 1
    while step < _LONGEST_WORD:  # `word` holds for all letters of a word, up to `step` behind its capital
        word |= behind(word, step) & small
        small &= behind(small, step)
        step *= 2
    return blank & behind(word, 1)


NUMBER_SHAPES: Mapping[str, Callable[[Chunk], Words]] = {
    Shape.DIGITS_14: _digits_14,
    Shape.GROUPED_4: _grouped_4,
    Shape.SEPARATED: _separated,
    Shape.IPV4: _ipv4,
    Shape.COLONS: _colons,
    Shape.DATE: _date,
    Shape.IBAN: _iban,
    Shape.TITLE_PAIR: _title_pair,
}
"""The ones that detectors may name. Where a shape begins depends on 20 bytes before, and 60 behind, at most."""
