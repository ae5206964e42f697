/*
 * The platform of IBM i. Elsewhere it runs in tests only, against interfaces that are laid out as
 * IBM documents them, so that what is made of the layouts is right. What only a real IBM i can
 * prove is listed in docs/rule-image.md: that the documents were read right, the exception
 * handlers, adopted authority, and the behaviour of the calls in a job that is ending.
 */
#include <string.h>

#include "epm_ibmi_apis.h"
#include "epm_ibmi_words.h"
#include "epm_image.h"
#include "epm_job.h"
#include "epm_platform.h"

#ifdef __ILEC400__
#include <except.h>
#include <mih/cmpswp.h>
#endif

#define E_BLANK 0x40

/* What one call needs, in the platform's room. */
typedef struct {
  epm_job job;
  epm_i32 *counters;
} ibmi;

/* The room is large enough, or this does not compile. */
typedef char room_is_enough[sizeof(ibmi) <= sizeof(epm_platform_room) ? 1 : -1];

static epm_status ibmi_facts(void *context, epm_facts *facts)
{
  ibmi *own = context;
  return epm_job_facts(&own->job, facts);
}

/* The pointer is asked for at every call: one that was kept would outlive a space that is
   deleted and made anew. Its size is the one it is made with; where somebody made a smaller one,
   reading beyond its end is an exception, which rejects. */
static const epm_u8 *ibmi_rules(void *context, epm_u32 *size)
{
  epm_error_code error = EPM_ERROR_ROOM;
  void *space = 0;

  (void)context;
  QUSPTRUS(epm_t_i_rules, &space, &error);
  *size = EPM_SPACE_SIZE;
  return error.available != 0 ? 0 : space;
}

/* Entry information of QJOSJRNE: one record, key 1, the entry type. The journal code is U. */
static int ibmi_journal(void *context, const epm_u8 *journal, const epm_u8 *type,
                        const epm_u8 *data, epm_u32 length)
{
  struct {
    epm_i32 records;
    epm_i32 record_length;
    epm_i32 key;
    epm_i32 data_length;
    epm_u8 data[4];
  } information;
  epm_error_code error = EPM_ERROR_ROOM;
  epm_i32 size = (epm_i32)length;

  (void)context;
  memset(&information, 0, sizeof information);
  information.records = 1;
  information.record_length = 16;
  information.key = 1;
  information.data_length = 2;
  memcpy(information.data, type, 2);
  QJOSJRNE(journal != 0 ? journal : epm_t_i_journal, &information, data, &size, &error);
  return error.available != 0;
}

static int ibmi_message(void *context, const epm_u8 *queue, const epm_u8 *text, epm_u32 length)
{
  epm_error_code error = EPM_ERROR_ROOM;
  epm_i32 size = (epm_i32)length, one = 1;
  epm_u8 blanks[20], key[4];

  (void)context;
  memset(blanks, E_BLANK, sizeof blanks);
  QMHSNDM(blanks, blanks, text, &size, epm_t_i_info, queue, &one, blanks, key, &error);
  return error.available != 0;
}

/* QSNDDTAQ has no error code: where it fails it sends an escape message, which is caught here,
   so that a full data queue costs a capture and not the call. The message does not stay in the
   job log: it is counted, and a job log that messages fill may end its job. */
static int ibmi_capture(void *context, const epm_u8 *library, const epm_u8 *record,
                        epm_u32 length)
{
  epm_u8 packed[3];
  volatile int failed = 1;

  (void)context;
  if (length > 99999) {
    return 1;
  }
  packed[0] = (epm_u8)(length / 10000 << 4 | length / 1000 % 10);
  packed[1] = (epm_u8)(length / 100 % 10 << 4 | length / 10 % 10);
  packed[2] = (epm_u8)(length % 10 << 4 | 0x0F);
#ifdef __ILEC400__
#pragma exception_handler(full, 0, _C1_ALL, _C2_MH_ESCAPE | _C2_MH_FUNCTION_CHECK, \
                          _CTLA_HANDLE_NO_MSG)
#endif
  QSNDDTAQ(epm_t_i_captures, library, packed, record);
  failed = 0;
#ifdef __ILEC400__
#pragma disable_handler
full:
#endif
  return failed;
}

#ifdef __ILEC400__
#define SWAPPED(expected, word, next) _CMPSWP(expected, word, next)
#else
#define SWAPPED(expected, word, next) compare_and_swap(expected, word, next)
/* The machine instruction's place elsewhere, with its operands in its order: the second is the
   one that is shared (IBM documentation: Compare and Swap, CMPSWP). */
static int compare_and_swap(epm_i32 *expected, epm_i32 *word, epm_i32 next)
{
  if (*word != *expected) {
    *expected = *word;
    return 0;
  }
  *word = next;
  return 1;
}
#endif

/* Jobs count at once into one space: compare and swap, tried so often and then given up. */
static void ibmi_count(void *context, unsigned counter)
{
  ibmi *own = context;
  unsigned tries;
  if (own->counters == 0 || counter >= EPM_COUNTERS) {
    return;
  }
  for (tries = 0; tries < 16; tries++) {
    epm_i32 seen = own->counters[counter];
    if (SWAPPED(&seen, own->counters + counter, (epm_i32)((epm_u32)seen + 1))) {
      return;
    }
  }
}

int epm_platform_open(epm_platform *platform, epm_platform_room *room)
{
  ibmi *own = (ibmi *)room->bytes;
  epm_error_code error = EPM_ERROR_ROOM;
  void *counters = 0;

  memset(own, 0, sizeof *own);
  QUSPTRUS(epm_t_i_counters, &counters, &error);
  own->counters = error.available != 0 ? 0 : counters; /* without them calls go uncounted */
  platform->context = own;
  platform->facts = ibmi_facts;
  platform->rules = ibmi_rules;
  platform->journal = ibmi_journal;
  platform->message = ibmi_message;
  platform->capture = ibmi_capture;
  platform->count = ibmi_count;
  return 1;
}
