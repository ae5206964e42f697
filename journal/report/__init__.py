"""Reports of a journal: rows, totals, top talkers, rejections over time, and their proof."""
