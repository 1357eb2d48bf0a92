"""storage-harness: whose personal data falls out of a phone, who can read it, and does the protection hold?

Read `model.py` for the words and `pipeline.py` for the flow.
"""

__all__ = ["__version__"]

__version__ = "0.1.0"
