"""CL: commands read as the system reads them, and what they do."""
