"""The 5250-like workbench, on the same services as the command line."""
