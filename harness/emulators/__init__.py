"""Serves a sandbox over the protocols that real devices speak, with permissions that the kernel enforces."""
