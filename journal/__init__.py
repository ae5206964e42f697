"""The journal: entry layouts, receivers, chain, queries and reports."""
