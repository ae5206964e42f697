/* Folding names, patterns, and test sets, which are tried one by one. */
#include <string.h>

#include "epm_trial.h"

epm_status epm_name_key_make(const epm_image *image, int fold, const epm_text *name,
                             epm_name_key *key)
{
  const epm_u8 *table = image->charset + EPM_S_FOLD;
  epm_u32 i;

  key->bytes = name->bytes;
  key->length = name->length;
  /* UTF-8 comes folded: a table of it would be larger than the rules. */
  if (!fold || image->charset[EPM_S_KIND] == EPM_UTF8) {
    return EPM_OK;
  }
  key->bytes = key->folded;
  key->length = 0;
  for (i = 0; i < name->length; i++) {
    const epm_u8 *upper = table + 4 * (size_t)name->bytes[i];
    epm_u8 size = upper[0]; /* read once: a writer may be at the image */
    if (size < 1 || size > 3) {
      return EPM_DAMAGED;
    }
    if (key->length + size > EPM_MAX_FOLDED) {
      return EPM_LIMIT;
    }
    memcpy(key->folded + key->length, upper + 1, size);
    key->length += size;
  }
  return EPM_OK;
}

/* Bytes of the character at `at`. */
static epm_u32 step_of(const epm_image *image, const epm_name_key *key, epm_u32 at)
{
  epm_u32 end = at + 1;
  if (image->charset[EPM_S_KIND] == EPM_UTF8) {
    while (end < key->length && (key->bytes[end] & 0xC0) == 0x80) {
      end++;
    }
  }
  return end - at;
}

/* Whether a name matches a pattern; at worst its length times the pattern's steps, which are
   counted, and not many more than a decision may take. */
static int matches(const epm_image *image, const epm_name_key *key, const epm_u8 *tokens,
                   epm_u32 count, epm_u32 *steps)
{
  epm_u32 t = 0, p = 0, star = 0, retry = 0;
  int starred = 0;

  while (t < key->length && ++*steps <= EPM_MAX_STEPS) {
    epm_u16 token = p < count ? EPM_GET16(tokens + 2 * (size_t)p) : 0xFFFF;
    if (token == EPM_ANY_RUN) {
      starred = 1;
      star = ++p;
      retry = t;
    } else if (token == EPM_ANY_ONE) {
      t += step_of(image, key, t);
      p++;
    } else if (token == key->bytes[t]) {
      t++;
      p++;
    } else if (starred) {
      retry += step_of(image, key, retry);
      t = retry;
      p = star;
    } else {
      return 0;
    }
  }
  while (p < count && EPM_GET16(tokens + 2 * (size_t)p) == EPM_ANY_RUN) {
    p++;
  }
  return p == count;
}

/* Whether one name is what an atom says. */
static epm_status atom_holds(const epm_image *image, const epm_u8 *atom, const epm_name_key *key,
                             epm_admitted *admitted, int *holds)
{
  epm_u32 length = EPM_GET16(atom + EPM_A_LENGTH), steps = 1;
  epm_u8 kind = atom[EPM_A_KIND];
  const epm_u8 *text =
      epm_image_part(image, EPM_GET32(atom + EPM_A_TEXT), length, kind == EPM_PATTERN ? 2 : 1);

  *holds = 0;
  if (text == 0 || kind > EPM_PATTERN) {
    return EPM_DAMAGED;
  }
  if (kind == EPM_PATTERN) {
    *holds = matches(image, key, text, length, &steps);
  } else if (kind == EPM_WHOLE ? length == key->length : length <= key->length) {
    *holds = memcmp(text, key->bytes, length) == 0;
    steps += length / 16;
  }
  return epm_admitted_spend(admitted, steps);
}

/* Whether any name is any of the atoms at an offset. */
static epm_status any_met(const epm_trial *trial, epm_u32 offset, epm_u32 count,
                          epm_admitted *admitted, int *met)
{
  const epm_u8 *atoms = epm_image_part(trial->image, offset, count, EPM_ATOM_SIZE);
  epm_u32 n, i;

  *met = 0;
  if (atoms == 0) {
    return EPM_DAMAGED;
  }
  for (n = 0; n < trial->count && !*met; n++) {
    epm_name_key key;
    epm_status status = epm_admitted_spend(admitted, 1 + trial->names[n].length / 8);
    if (status == EPM_OK) {
      status = epm_name_key_make(trial->image, trial->dimension[EPM_D_FOLD], &trial->names[n],
                                 &key);
    }
    for (i = 0; status == EPM_OK && i < count && !*met; i++) {
      status = atom_holds(trial->image, atoms + (size_t)i * EPM_ATOM_SIZE, &key, admitted, met);
    }
    if (status != EPM_OK) {
      return status;
    }
  }
  return EPM_OK;
}

/* Whether a test holds for the set: any name is any atom, unless it is negated. */
static epm_status test_holds(epm_trial *trial, const epm_u8 *test, epm_admitted *admitted,
                             int *holds)
{
  epm_u32 offset = EPM_GET32(test + EPM_Q_ATOMS), count = EPM_GET32(test + EPM_Q_ATOM_COUNT);
  unsigned place = (offset / 8) % EPM_MEMOS;
  epm_status status = EPM_OK;
  int met, known = trial->memos[place].atoms == offset && trial->memos[place].count == count;

  met = trial->memos[place].met;
  if (!known || count < EPM_MANY_ATOMS) {
    status = any_met(trial, offset, count, admitted, &met);
  }
  if (status == EPM_OK && count >= EPM_MANY_ATOMS) {
    trial->memos[place].atoms = offset;
    trial->memos[place].count = count;
    trial->memos[place].met = met;
  }
  *holds = met != (test[EPM_Q_NEGATED] != 0);
  return status;
}

epm_status epm_trial_run(epm_trial *trial, const epm_alive *alive, epm_admitted *admitted)
{
  const epm_image *image = trial->image;
  epm_u32 count = EPM_GET32(trial->dimension + EPM_D_SET_COUNT), i, n;
  const epm_u8 *sets =
      epm_image_part(image, EPM_GET32(trial->dimension + EPM_D_SETS), count, EPM_SET_SIZE);

  if (sets == 0) {
    return EPM_DAMAGED;
  }
  for (i = 0; i < count; i++) {
    const epm_u8 *set = sets + (size_t)i * EPM_SET_SIZE;
    epm_u32 tests = EPM_GET32(set + EPM_T_TEST_COUNT);
    const epm_u8 *test =
        epm_image_part(image, EPM_GET32(set + EPM_T_TESTS), tests, EPM_TEST_SIZE);
    epm_status status = test == 0 ? EPM_DAMAGED : EPM_OK;
    int holds = 1;
    for (n = 0; status == EPM_OK && holds && n < tests; n++) {
      status = epm_admitted_spend(admitted, 1);
      if (status == EPM_OK) {
        status = test_holds(trial, test + (size_t)n * EPM_TEST_SIZE, admitted, &holds);
      }
    }
    if (status == EPM_OK && holds) {
      status = epm_admitted_change(image, EPM_GET32(set + EPM_T_ROW), 0, alive, admitted);
    }
    if (status != EPM_OK) {
      return status;
    }
  }
  return EPM_OK;
}

