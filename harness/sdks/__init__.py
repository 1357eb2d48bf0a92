"""What an SDK stores, and when: one model per file or package."""
