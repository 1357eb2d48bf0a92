"""What may be held against an app: one question per file, with a bad scene and a good one."""
