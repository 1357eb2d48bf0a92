"""Fixtures and options for suites that run against a device; see `docs/` for recipes."""

__all__: list[str] = []
