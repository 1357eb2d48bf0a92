"""Backups of iPhones and iPads: their manifests, keybags and files, for every connector that meets one."""
