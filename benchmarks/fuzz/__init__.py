"""Every parser on damaged files, for a while: never a crash, a hang, or memory out of proportion to the input."""
