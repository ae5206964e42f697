"""Sets of boxes as an image stores them: rows of entries over a pool of 512-bit chunks.

Rows of neighbouring intervals differ in few chunks, so equal chunks are stored once and a row
lists only the chunks that hold a box. Everything is numbered in order of first use: equal rules
give equal bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from exitprograms.ile.layout import (
    CHUNK_BITS,
    CHUNK_SHIFT,
    CHUNK_SIZE,
    POOL_MASK,
    ROW,
)

#: A set of boxes: number of the chunk -> its bits, the first box the highest.
Chunks = Mapping[int, int]


def chunks_of(boxes: Iterable[int]) -> Chunks:
    """Return a set of boxes by chunk."""
    chunks: dict[int, int] = {}
    for box in boxes:
        chunk, place = divmod(box, CHUNK_BITS)
        chunks[chunk] = chunks.get(chunk, 0) | 1 << (CHUNK_BITS - 1 - place)
    return chunks


class BitStore:
    """The rows of an image.

    INVARIANT: row 0 is the empty one.
    """

    def __init__(self) -> None:
        """Begin with the empty row."""
        self._pool: dict[int, int] = {}
        self._rows: dict[tuple[int, ...], int] = {(): 0}
        self.entry_count = 0

    def row(self, boxes: Iterable[int]) -> int:
        """Return the number of the row of these boxes."""
        chunks = sorted(chunks_of(boxes).items())
        return self.row_of_entries(self.entry(chunk, bits) for chunk, bits in chunks)

    def entry(self, chunk: int, bits: int) -> int:
        """Return the entry of one chunk with these bits; 0 where it holds none."""
        if bits == 0:
            return 0
        # Index 0 of the pool is kept unused, so that no entry of chunk 0 is 0.
        index = self._pool.setdefault(bits, len(self._pool) + 1)
        return chunk << CHUNK_SHIFT | (index & POOL_MASK)

    def row_of_entries(self, entries: Iterable[int]) -> int:
        """Return the number of the row of these entries, ascending by chunk, zeros left out."""
        key = tuple(filter(None, entries))
        if key not in self._rows:
            self._rows[key] = len(self._rows)
            self.entry_count += len(key)
        return self._rows[key]

    @property
    def size(self) -> int:
        """How many bytes it all takes."""
        return (
            (len(self._pool) + 1) * CHUNK_SIZE + self.entry_count * 4 + len(self._rows) * ROW.size
        )

    def pool(self) -> bytes:
        """Return the chunks."""
        return bytes(CHUNK_SIZE) + b"".join(b.to_bytes(CHUNK_SIZE, "big") for b in self._pool)

    def entries_and_rows(self) -> tuple[bytes, bytes]:
        """Return the row entries and the rows."""
        entries, rows = bytearray(), bytearray()
        for key in self._rows:
            rows += ROW.pack(len(entries) // 4, len(key))
            for entry in key:
                entries += entry.to_bytes(4, "big")
        return bytes(entries), bytes(rows)

    @property
    def counts(self) -> tuple[int, int, int]:
        """How many chunks, entries and rows there are."""
        return len(self._pool) + 1, self.entry_count, len(self._rows)


class Sweep:
    """A set of boxes that changes as a number grows, with its row at each change."""

    def __init__(self, store: BitStore, chunks: int, boxes: Iterable[int]) -> None:
        """Begin with ``boxes``, of at most ``chunks`` chunks."""
        self._store = store
        first = chunks_of(boxes)
        self._bits = [first.get(chunk, 0) for chunk in range(chunks)]
        self._entries = [store.entry(c, bits) for c, bits in enumerate(self._bits)]

    def toggle(self, sets: Iterable[Chunks]) -> None:
        """Add the boxes of these sets that are not in this one, take away those that are."""
        touched = set()
        for chunks in sets:
            for chunk, bits in chunks.items():
                self._bits[chunk] ^= bits
                touched.add(chunk)
        for chunk in touched:
            self._entries[chunk] = self._store.entry(chunk, self._bits[chunk])

    def row(self) -> int:
        """Return the number of the row of the set as it is."""
        return self._store.row_of_entries(self._entries)
