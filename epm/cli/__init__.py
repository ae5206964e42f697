"""The command line: it wires the core to its adapters, and nothing else does."""
