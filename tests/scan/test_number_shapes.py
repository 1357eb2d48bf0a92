"""What a detector may name is what the kernel knows; each shape by one example (`test_shapes` has the reference)."""

import numpy as np
import pytest

from harness.detectors.base import Shape
from harness.scan.number_shapes import NUMBER_SHAPES
from harness.scan.words import Chunk, positions

EXAMPLES = {
    Shape.DIGITS_14: (b"x4111111111111111", 1),
    Shape.GROUPED_4: (b"x4111 1111 1111 1111", 1),
    Shape.SEPARATED: (b"x219-09-9999", 1),
    Shape.IPV4: (b"x192.0.2.17", 1),
    Shape.COLONS: (b"x02:00:5e:00:53:01", 2),
    Shape.DATE: (b"x17/05/1990", 2),
    Shape.IBAN: (b"xDE89370400440532013000", 1),
    Shape.TITLE_PAIR: (b"xJane Roe", 5),
}


def test_every_shape_has_its_rule() -> None:
    """A detector that names one gets it."""
    assert NUMBER_SHAPES.keys() == {*Shape} == EXAMPLES.keys()


@pytest.mark.parametrize("shape", Shape)
def test_a_shape_is_seen_where_it_says(shape: Shape) -> None:
    """Whatever is before it."""
    text, at = EXAMPLES[shape]

    assert positions(NUMBER_SHAPES[shape](Chunk(np.frombuffer(text, np.uint8))))[0] == at
