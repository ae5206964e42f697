/* Sets of boxes: the ones that are still alive while the dimensions are asked in turn. */
#ifndef EPM_BITS_H
#define EPM_BITS_H

#include "epm_image.h"

#define EPM_CHUNK_WORDS 8

/* The chunks that hold a living box, ascending, and their bits. */
typedef struct {
  epm_u32 count;
  epm_u8 ids[EPM_MAX_CHUNKS];
  epm_u64 bits[EPM_MAX_CHUNKS][EPM_CHUNK_WORDS];
} epm_alive;

/* Steps that the names of one decision may take, a second's worth or two. No rules that anybody
   wrote come near; an image whose sections repeat each other could take years. */
#define EPM_MAX_STEPS 0x8000000u

/* Bits for each living chunk: what a name dimension admits, gathered from several rows. */
typedef struct {
  epm_u32 steps; /* taken so far */
  epm_u64 bits[EPM_MAX_CHUNKS][EPM_CHUNK_WORDS];
} epm_admitted;

/* Begin with the row's boxes, those in chunks `from` to before `to`. */
epm_status epm_alive_load(const epm_image *image, epm_u32 row, epm_u32 from, epm_u32 to,
                          epm_alive *alive);
epm_status epm_alive_and(const epm_image *image, epm_u32 row, epm_alive *alive);
void epm_alive_and_admitted(epm_alive *alive, const epm_admitted *admitted);

/* Take steps; EPM_LIMIT where there were too many. */
epm_status epm_admitted_spend(epm_admitted *admitted, epm_u32 steps);

/* `take` 0 adds the row's boxes, 1 takes them away; only living chunks are kept. */
void epm_admitted_clear(const epm_alive *alive, epm_admitted *admitted);
epm_status epm_admitted_change(const epm_image *image, epm_u32 row, int take,
                               const epm_alive *alive, epm_admitted *admitted);

/* The first living box, or EPM_MAX_BOXES where none lives. */
epm_u32 epm_alive_first(const epm_alive *alive);

#endif
