"""One module for each version of the schema, additive wherever it can be."""
