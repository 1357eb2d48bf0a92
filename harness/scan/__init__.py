"""Bytes to detections: the raw lane sweeps every byte, the decoded lane confirms and explains."""
