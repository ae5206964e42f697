/* Which boxes admit a set of names.

   A box with one condition in this dimension is in tables: a name that is met adds it, or takes
   it away where the condition is negative. Boxes with several conditions, or with a pattern that
   is no prefix, are in test sets, tried one by one. A box is in exactly one of the three, so the
   order in which rows are added and taken away does not matter. */
#include <string.h>

#include "epm_names.h"
#include "epm_trial.h"

#define FNV_BASIS 2166136261u
#define FNV_PRIME 16777619u

static epm_status apply(const epm_image *image, const epm_u8 *record, const epm_alive *alive,
                        epm_admitted *admitted)
{
  epm_status status =
      epm_admitted_change(image, EPM_GET32(record + EPM_N_MET_ROW), 0, alive, admitted);
  if (status == EPM_OK) {
    status = epm_admitted_change(image, EPM_GET32(record + EPM_N_DENIED_ROW), 1, alive, admitted);
  }
  return status;
}

/* Look up a whole name or a prefix, and apply what it changes. */
static epm_status look_up(const epm_image *image, const epm_u8 *dimension, epm_u8 kind,
                          const epm_u8 *bytes, epm_u32 length, const epm_alive *alive,
                          epm_admitted *admitted)
{
  epm_u32 slots = EPM_GET32(dimension + EPM_D_SLOTS);
  epm_u32 probes = EPM_GET32(dimension + EPM_D_PROBES);
  epm_u32 count = EPM_GET32(dimension + EPM_D_NAME_COUNT);
  const epm_u8 *hash = epm_image_part(image, EPM_GET32(dimension + EPM_D_HASH), slots, 4);
  const epm_u8 *names =
      epm_image_part(image, EPM_GET32(dimension + EPM_D_NAMES), count, EPM_NAME_SIZE);
  epm_u32 value = FNV_BASIS + kind, i;

  if (slots == 0) {
    return EPM_OK;
  }
  if (hash == 0 || names == 0 || (slots & (slots - 1)) != 0 || probes > slots) {
    return EPM_DAMAGED;
  }
  if (epm_admitted_spend(admitted, length) != EPM_OK) {
    return EPM_LIMIT;
  }
  for (i = 0; i < length; i++) {
    value = (value ^ bytes[i]) * FNV_PRIME;
  }
  for (i = 0; i < probes; i++) {
    const epm_u8 *record, *text;
    epm_u32 index;
    if (epm_admitted_spend(admitted, 1) != EPM_OK) {
      return EPM_LIMIT;
    }
    index = EPM_GET32(hash + 4 * (size_t)((value + i) & (slots - 1)));
    if (index == 0) {
      return EPM_OK;
    }
    if (index > count) {
      return EPM_DAMAGED;
    }
    record = names + (size_t)(index - 1) * EPM_NAME_SIZE;
    if (record[EPM_N_KIND] != kind || EPM_GET16(record + EPM_N_LENGTH) != length) {
      continue;
    }
    text = epm_image_part(image, EPM_GET32(record + EPM_N_TEXT), length, 1);
    if (text == 0) {
      return EPM_DAMAGED;
    }
    if (memcmp(text, bytes, length) == 0) {
      return apply(image, record, alive, admitted);
    }
  }
  return EPM_OK;
}

static epm_status look_up_all(const epm_image *image, const epm_u8 *dimension,
                              const epm_name_key *key, const epm_alive *alive,
                              epm_admitted *admitted)
{
  epm_u32 count = EPM_GET32(dimension + EPM_D_LENGTH_COUNT), i;
  const epm_u8 *lengths = epm_image_part(image, EPM_GET32(dimension + EPM_D_LENGTHS), count, 2);
  epm_status status;

  if (lengths == 0) {
    return EPM_DAMAGED;
  }
  status = look_up(image, dimension, EPM_WHOLE, key->bytes, key->length, alive, admitted);
  for (i = 0; status == EPM_OK && i < count; i++) {
    epm_u32 length = EPM_GET16(lengths + 2 * (size_t)i);
    if (length > key->length) {
      break;
    }
    status = look_up(image, dimension, EPM_PREFIX, key->bytes, length, alive, admitted);
  }
  return status;
}

epm_status epm_names_and(const epm_image *image, const epm_u8 *dimension, const epm_text *names,
                         epm_u32 count, epm_alive *alive, epm_admitted *admitted)
{
  epm_trial trial;
  epm_u32 n;
  epm_status status;

  memset(&trial, 0, sizeof trial);
  trial.image = image;
  trial.dimension = dimension;
  trial.names = names;
  trial.count = count;
  epm_admitted_clear(alive, admitted);
  status = epm_admitted_change(image, EPM_GET32(dimension + EPM_D_BASE_ROW), 0, alive, admitted);
  for (n = 0; status == EPM_OK && n < count; n++) {
    epm_name_key key;
    status = epm_name_key_make(image, dimension[EPM_D_FOLD], &names[n], &key);
    if (status == EPM_OK) {
      status = look_up_all(image, dimension, &key, alive, admitted);
    }
  }
  if (status == EPM_OK) {
    status = epm_trial_run(&trial, alive, admitted);
  }
  epm_alive_and_admitted(alive, admitted);
  return status;
}
