"""Exit point formats, exit programs and their registration."""
