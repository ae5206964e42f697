"""The panels of the workbench, one concept each."""
