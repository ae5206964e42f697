/*
 * The platform of IBM i. Elsewhere it runs in tests only, against interfaces that are laid out as
 * IBM documents them, so that what is made of the layouts is right. What only a real IBM i can
 * prove is listed in docs/rule-image.md: that the documents were read right, the exception
 * handlers, adopted authority, and the behaviour of the calls in a job that is ending.
 *
 * Names of jobs and users are EBCDIC bytes of the job's CCSID; those of profiles and jobs are
 * letters, digits and # $ @ _, which the supported CCSIDs have (37, 273, 500, 1140; $ # @ lie
 * elsewhere in some, and rules are compiled for one of them).
 */
#include <string.h>

#include "epm_ibmi_apis.h"
#include "epm_ibmi_words.h"
#include "epm_platform.h"

#ifdef __ILEC400__
#include <except.h>
#include <mih/cmpswp.h>
#endif

#define NAME 10
#define E_BLANK 0x40
#define E_SLASH 0x61
#define USER_SIZE 2048
#define STACK_SIZE 8000
#define MAX_GROUPS 33 /* the group profile, and supplemental ones: 15, room for more */

/* What one call needs, in the platform's room. */
typedef struct {
  epm_u8 user[USER_SIZE];   /* USRI0200 */
  epm_u8 job[86];           /* JOBI0100 */
  epm_u8 stack[STACK_SIZE]; /* CSTK0100 */
  epm_u8 program[2 * NAME + 1];
  epm_text groups[MAX_GROUPS];
  epm_i32 *counters;
} ibmi;

/* The room is large enough, or this does not compile. */
typedef char room_is_enough[sizeof(ibmi) <= sizeof(epm_platform_room) ? 1 : -1];

static void expect(epm_error_code *error)
{
  memset(error, 0, sizeof *error);
  error->provided = (epm_i32)sizeof *error;
}

/* A name without its trailing blanks. */
static epm_text trimmed(const epm_u8 *bytes, epm_u32 length)
{
  epm_text text;
  while (length > 0 && bytes[length - 1] == E_BLANK) {
    length--;
  }
  text.bytes = bytes;
  text.length = length;
  return text;
}

/* Format USRI0200, 0-based: user 8, group profile 43, supplemental groups' offset 96, count 100. */
static epm_status take_user(ibmi *own, epm_facts *facts)
{
  epm_error_code error;
  epm_i32 size = USER_SIZE;
  epm_u32 offset, count, i;

  expect(&error);
  QSYRUSRI(own->user, &size, epm_t_i_usri0200, epm_t_i_current, &error);
  if (error.available != 0) {
    return EPM_NO_FACTS;
  }
  facts->user = trimmed(own->user + 8, NAME);
  facts->groups = own->groups;
  facts->group_count = 0;
  if (memcmp(own->user + 43, epm_t_i_none, NAME) != 0) {
    own->groups[facts->group_count++] = trimmed(own->user + 43, NAME);
  }
  offset = EPM_GET32(own->user + 96);
  count = EPM_GET32(own->user + 100);
  if (count > MAX_GROUPS - 1 || offset > USER_SIZE || count * NAME > USER_SIZE - offset) {
    return EPM_NO_FACTS; /* not a group is left out in silence */
  }
  for (i = 0; i < count; i++) {
    own->groups[facts->group_count++] = trimmed(own->user + offset + i * NAME, NAME);
  }
  return EPM_OK;
}

/* Format JOBI0100, 0-based: job name 8, user 18, number 28 (6 digits). */
static epm_status take_job(ibmi *own, epm_facts *facts)
{
  epm_error_code error;
  epm_i32 size = (epm_i32)sizeof own->job;
  unsigned i;

  expect(&error);
  QUSRJOBI(own->job, &size, epm_t_i_jobi0100, epm_t_i_star, epm_t_i_spaces16, &error);
  if (error.available != 0) {
    return EPM_NO_FACTS;
  }
  facts->job = trimmed(own->job + 8, NAME);
  facts->number = 0;
  for (i = 28; i < 34; i++) {
    facts->number = facts->number * 10 + (own->job[i] & 0x0F);
  }
  return EPM_OK;
}

static epm_u32 digits(const epm_u8 *text, unsigned count)
{
  epm_u32 number = 0;
  while (count-- > 0) {
    number = number * 10 + (*text++ & 0x0F);
  }
  return number;
}

/* The system's local time as *YYMD gives it: YYYYMMDDHHMMSSmmm. */
static epm_status take_time(epm_facts *facts)
{
  epm_error_code error;
  epm_u8 unused[8], now[17];

  memset(unused, 0, sizeof unused);
  expect(&error);
  QWCCVTDT(epm_t_i_current, unused, epm_t_i_yymd, now, &error);
  if (error.available != 0) {
    return EPM_NO_FACTS;
  }
  facts->year = (epm_u16)digits(now, 4);
  facts->month = (epm_u8)digits(now + 4, 2);
  facts->day = (epm_u8)digits(now + 6, 2);
  facts->hour = (epm_u8)digits(now + 8, 2);
  facts->minute = (epm_u8)digits(now + 10, 2);
  facts->second = (epm_u8)digits(now + 12, 2);
  facts->micros = digits(now + 14, 3) * 1000;
  return EPM_OK;
}

/* Job identification, format JIDF0100: this job, this thread. */
static void this_thread(epm_u8 *identification)
{
  memset(identification, 0, 56);
  memcpy(identification, epm_t_i_star, 26);
  memcpy(identification + 26, epm_t_i_spaces16, 16);
  identification[47] = 1; /* thread indicator: the current one */
}

/* The program that made the call: on the call stack, most recent first, come this one (below the
   API that is asked, if the system shows that), then the system's sockets (library QSYS), then
   it. Format CSTK0100, 0-based: entries' offset 12, count
   returned 16; in an entry: its length 0, program 24, library 34. Missing where none is found. */
static void take_program(ibmi *own, epm_facts *facts)
{
  epm_error_code error;
  epm_u8 identification[56];
  epm_i32 size = STACK_SIZE;
  epm_u32 at, count, i;
  int own_seen = 0, below_system = 0;

  this_thread(identification);
  expect(&error);
  QWVRCSTK(own->stack, &size, epm_t_i_cstk0100, identification, epm_t_i_jidf0100, &error);
  if (error.available != 0) {
    return;
  }
  at = EPM_GET32(own->stack + 12);
  count = EPM_GET32(own->stack + 16);
  for (i = 0; i < count && at <= STACK_SIZE - 44; i++) {
    const epm_u8 *entry = own->stack + at;
    epm_u32 length = EPM_GET32(entry);
    int system = memcmp(entry + 34, epm_t_i_qsys, NAME) == 0;
    if (!system && below_system) {
      epm_text library = trimmed(entry + 34, NAME), name = trimmed(entry + 24, NAME);
      memcpy(own->program, library.bytes, library.length);
      own->program[library.length] = E_SLASH;
      memcpy(own->program + library.length + 1, name.bytes, name.length);
      facts->program.bytes = own->program;
      facts->program.length = library.length + 1 + name.length;
      return;
    }
    own_seen |= !system;
    below_system |= system && own_seen;
    if (length < 44 || length > STACK_SIZE - at) {
      return;
    }
    at += length;
  }
}

static epm_status ibmi_facts(void *context, epm_facts *facts)
{
  ibmi *own = context;
  memset(facts, 0, sizeof *facts);
  if (take_user(own, facts) != EPM_OK || take_job(own, facts) != EPM_OK ||
      take_time(facts) != EPM_OK) {
    return EPM_NO_FACTS;
  }
  take_program(own, facts);
  return EPM_OK;
}

/* The pointer is asked for at every call: one that was kept would outlive a space that is
   deleted and made anew. Format SPUA0100, 0-based: size of the space 8. */
static const epm_u8 *ibmi_rules(void *context, epm_u32 *size)
{
  epm_error_code error;
  epm_u8 attributes[24];
  epm_i32 room = (epm_i32)sizeof attributes;
  void *space = 0;

  (void)context;
  expect(&error);
  QUSPTRUS(epm_t_i_rules, &space, &error);
  if (error.available != 0) {
    return 0;
  }
  QUSRUSAT(attributes, &room, epm_t_i_spua0100, epm_t_i_rules, &error);
  *size = EPM_GET32(attributes + 8);
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
  epm_error_code error;
  epm_i32 size = (epm_i32)length;

  (void)context;
  memset(&information, 0, sizeof information);
  information.records = 1;
  information.record_length = 16;
  information.key = 1;
  information.data_length = 2;
  memcpy(information.data, type, 2);
  expect(&error);
  QJOSJRNE(journal != 0 ? journal : epm_t_i_journal, &information, data, &size, &error);
  return error.available != 0;
}

static int ibmi_message(void *context, const epm_u8 *queue, const epm_u8 *text, epm_u32 length)
{
  epm_error_code error;
  epm_i32 size = (epm_i32)length, one = 1;
  epm_u8 blanks[20], key[4];

  (void)context;
  memset(blanks, E_BLANK, sizeof blanks);
  expect(&error);
  QMHSNDM(blanks, blanks, text, &size, epm_t_i_info, queue, &one, blanks, key, &error);
  return error.available != 0;
}

/* QSNDDTAQ has no error code: where it fails it sends an escape message, which is caught here,
   so that a full data queue costs a capture and not the call. */
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
#pragma exception_handler(full, 0, _C1_ALL, _C2_ALL, _CTLA_HANDLE)
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
  epm_error_code error;
  void *counters = 0;

  memset(own, 0, sizeof *own);
  expect(&error);
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
