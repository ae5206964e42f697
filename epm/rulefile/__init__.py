"""Rule files: YAML text to a rule set and back. No I/O."""
