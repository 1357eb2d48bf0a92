"""How bytes become values, and back: one storage format per file, found by content."""
