"""CleverTap's iOS SDK, begun: its ciphers and what its versions store. There is no model of its life yet, so nothing
registers it and no scan asks it."""
