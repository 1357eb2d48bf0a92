"""How fast, how frugal and how thorough: every figure beside a peer's, measured in the same run."""
