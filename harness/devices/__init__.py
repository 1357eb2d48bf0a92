"""How to reach stored files: one way per file."""
