"""How a report is shown: one form per file."""
