"""Reading records of other journals: fixed-length records, CSV of an outfile, JSON Lines."""
