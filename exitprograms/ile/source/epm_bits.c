/* Sets of boxes as chunks of 512 bits. Bits are kept as bytes lie in the image, so that neither
   AND nor OR cares about the machine's byte order; only the first bit is found byte by byte. */
#include <string.h>

#include "epm_bits.h"

/* A row's entries, with their count; 0 where the row is not inside the image. */
static const epm_u8 *entries_of(const epm_image *image, epm_u32 row, epm_u32 *count)
{
  const epm_u8 *record;
  epm_u32 first;
  if (row >= image->row_count) {
    return 0;
  }
  record = image->rows + (size_t)row * EPM_ROW_SIZE;
  first = EPM_GET32(record + EPM_ROW_FIRST);
  *count = EPM_GET32(record + EPM_ROW_COUNT);
  if (*count > EPM_MAX_CHUNKS || first > image->entry_count ||
      *count > image->entry_count - first) {
    return 0;
  }
  return image->entries + (size_t)first * EPM_ENTRY_SIZE;
}

/* The pool's chunk of an entry, or 0. */
static const epm_u8 *chunk_of(const epm_image *image, epm_u32 entry)
{
  epm_u32 index = entry & EPM_POOL_MASK;
  return index < image->pool_count ? image->pool + (size_t)index * EPM_CHUNK_SIZE : 0;
}

epm_status epm_alive_load(const epm_image *image, epm_u32 row, epm_u32 from, epm_u32 to,
                          epm_alive *alive)
{
  epm_u32 count, i, taken = 0;
  const epm_u8 *entries = entries_of(image, row, &count);

  alive->count = 0;
  if (entries == 0) {
    return EPM_DAMAGED;
  }
  for (i = 0; i < count; i++) {
    epm_u32 entry = EPM_GET32(entries + (size_t)i * EPM_ENTRY_SIZE);
    epm_u32 id = entry >> EPM_CHUNK_SHIFT;
    const epm_u8 *chunk = chunk_of(image, entry);
    if (chunk == 0 || (taken > 0 && id <= alive->ids[taken - 1])) {
      return EPM_DAMAGED;
    }
    if (id >= to) {
      break;
    }
    if (id >= from) {
      alive->ids[taken] = (epm_u8)id;
      memcpy(alive->bits[taken], chunk, EPM_CHUNK_SIZE);
      taken++;
    }
  }
  alive->count = taken;
  return EPM_OK;
}

/* Keep what both have; chunks without a living box are closed up. */
static epm_u32 keep(epm_alive *alive, epm_u32 kept, epm_u32 i, const epm_u64 *other)
{
  epm_u64 any = 0;
  unsigned w;
  for (w = 0; w < EPM_CHUNK_WORDS; w++) {
    epm_u64 word = alive->bits[i][w] & other[w];
    alive->bits[kept][w] = word;
    any |= word;
  }
  alive->ids[kept] = alive->ids[i];
  return kept + (any != 0);
}

epm_status epm_alive_and(const epm_image *image, epm_u32 row, epm_alive *alive)
{
  epm_u32 count, i, at = 0, kept = 0;
  const epm_u8 *entries = entries_of(image, row, &count);

  if (entries == 0) {
    return EPM_DAMAGED;
  }
  for (i = 0; i < alive->count; i++) {
    epm_u32 entry = 0;
    while (at < count) {
      entry = EPM_GET32(entries + (size_t)at * EPM_ENTRY_SIZE);
      if ((entry >> EPM_CHUNK_SHIFT) >= alive->ids[i]) {
        break;
      }
      at++;
    }
    if (at < count && (entry >> EPM_CHUNK_SHIFT) == alive->ids[i]) {
      epm_u64 other[EPM_CHUNK_WORDS];
      const epm_u8 *chunk = chunk_of(image, entry);
      if (chunk == 0) {
        return EPM_DAMAGED;
      }
      memcpy(other, chunk, EPM_CHUNK_SIZE);
      kept = keep(alive, kept, i, other);
    }
  }
  alive->count = kept;
  return EPM_OK;
}

void epm_alive_and_admitted(epm_alive *alive, const epm_admitted *admitted)
{
  epm_u32 i, kept = 0;
  for (i = 0; i < alive->count; i++) {
    kept = keep(alive, kept, i, admitted->bits[i]);
  }
  alive->count = kept;
}

void epm_admitted_clear(const epm_alive *alive, epm_admitted *admitted)
{
  memset(admitted->bits, 0, (size_t)alive->count * EPM_CHUNK_SIZE);
}

epm_status epm_admitted_spend(epm_admitted *admitted, epm_u32 steps)
{
  if (steps > EPM_MAX_STEPS - admitted->steps) {
    admitted->steps = EPM_MAX_STEPS;
    return EPM_LIMIT;
  }
  admitted->steps += steps;
  return EPM_OK;
}

epm_status epm_admitted_change(const epm_image *image, epm_u32 row, int take,
                               const epm_alive *alive, epm_admitted *admitted)
{
  epm_u32 count, i = 0, at;
  const epm_u8 *entries = entries_of(image, row, &count);

  if (entries == 0) {
    return EPM_DAMAGED;
  }
  if (epm_admitted_spend(admitted, 8 * count) != EPM_OK) {
    return EPM_LIMIT;
  }
  for (at = 0; at < count; at++) {
    epm_u32 entry = EPM_GET32(entries + (size_t)at * EPM_ENTRY_SIZE);
    while (i < alive->count && alive->ids[i] < (entry >> EPM_CHUNK_SHIFT)) {
      i++;
    }
    if (i < alive->count && alive->ids[i] == (entry >> EPM_CHUNK_SHIFT)) {
      epm_u64 other[EPM_CHUNK_WORDS];
      const epm_u8 *chunk = chunk_of(image, entry);
      unsigned w;
      if (chunk == 0) {
        return EPM_DAMAGED;
      }
      memcpy(other, chunk, EPM_CHUNK_SIZE);
      for (w = 0; w < EPM_CHUNK_WORDS; w++) {
        admitted->bits[i][w] =
            take ? admitted->bits[i][w] & ~other[w] : admitted->bits[i][w] | other[w];
      }
    }
  }
  return EPM_OK;
}

epm_u32 epm_alive_first(const epm_alive *alive)
{
  const epm_u8 *bytes = (const epm_u8 *)alive->bits[0];
  epm_u32 at, bit;
  if (alive->count == 0) {
    return EPM_MAX_BOXES;
  }
  for (at = 0; at < EPM_CHUNK_SIZE; at++) {
    for (bit = 0; bytes[at] != 0 && bit < 8; bit++) {
      if (bytes[at] & (0x80u >> bit)) {
        return alive->ids[0] * (epm_u32)EPM_CHUNK_BITS + at * 8 + bit;
      }
    }
  }
  return EPM_MAX_BOXES;
}
