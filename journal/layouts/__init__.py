"""Entry layouts: pure codecs between values and bytes, one format per module."""
