"""Programs of the simulated system: Python functions over the bytes of their parameters."""
