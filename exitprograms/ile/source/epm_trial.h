/* Names one by one: the form they compare in, and sets of tests that no table answers. */
#ifndef EPM_TRIAL_H
#define EPM_TRIAL_H

#include "epm_bits.h"
#include "epm_call.h"
#include "epm_decide.h"

/* A name in the form that it compares in. */
typedef struct {
  const epm_u8 *bytes;
  epm_u32 length;
  epm_u8 folded[EPM_MAX_FOLDED];
} epm_name_key;

/* Tests of so many atoms or more are remembered while the sets are tried: a large group is often
   named by many rules, each with another condition beside it. */
#define EPM_MANY_ATOMS 16
#define EPM_MEMOS 64

/* What a decision's names are tried with. */
typedef struct {
  const epm_image *image;
  const epm_u8 *dimension;
  const epm_text *names;
  epm_u32 count;
  struct {
    epm_u32 atoms; /* offset, 0: none yet */
    epm_u32 count;
    int met;
  } memos[EPM_MEMOS];
} epm_trial;

epm_status epm_name_key_make(const epm_image *image, int fold, const epm_text *name,
                             epm_name_key *key);

/* Add the boxes whose tests all hold; `trial` comes with its memos zero. */
epm_status epm_trial_run(epm_trial *trial, const epm_alive *alive, epm_admitted *admitted);

#endif
