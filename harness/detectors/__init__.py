"""What personal data looks like: one class of it per file, with examples and near misses."""
