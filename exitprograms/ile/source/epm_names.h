/* Name dimensions: whole names, prefixes, patterns, sets of names. */
#ifndef EPM_NAMES_H
#define EPM_NAMES_H

#include "epm_bits.h"
#include "epm_call.h"

/* AND the boxes that admit these names; one that is not a set is a set of one. */
epm_status epm_names_and(const epm_image *image, const epm_u8 *dimension, const epm_text *names,
                         epm_u32 count, epm_alive *alive, epm_admitted *admitted);

#endif
