/* Who calls and when, asked of the job that makes the socket call.

   Names of jobs and users are EBCDIC bytes of the job's CCSID; those of profiles and jobs are
   letters, digits and # $ @ _, which the supported CCSIDs have (37, 273, 500, 1140; $ # @ lie
   elsewhere in some, and rules are compiled for one of them). */
#include <string.h>

#include "epm_ibmi_apis.h"
#include "epm_ibmi_words.h"
#include "epm_job.h"

#define NAME EPM_JOB_NAME
#define E_BLANK 0x40
#define E_SLASH 0x61

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
static epm_status take_user(epm_job *own, epm_facts *facts)
{
  epm_error_code error = EPM_ERROR_ROOM;
  epm_i32 size = EPM_USER_SIZE;
  epm_u32 offset, count, i;

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
  if (count > EPM_MAX_GROUPS - 1 || offset > EPM_USER_SIZE || count * NAME > EPM_USER_SIZE - offset) {
    return EPM_NO_FACTS; /* not a group is left out in silence */
  }
  for (i = 0; i < count; i++) {
    own->groups[facts->group_count++] = trimmed(own->user + offset + i * NAME, NAME);
  }
  return EPM_OK;
}

/* Format JOBI0100, 0-based: job name 8, user 18, number 28 (6 digits). */
static epm_status take_job(epm_job *own, epm_facts *facts)
{
  epm_error_code error = EPM_ERROR_ROOM;
  epm_i32 size = (epm_i32)sizeof own->job;
  unsigned i;

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
  epm_error_code error = EPM_ERROR_ROOM;
  epm_u8 unused[8], now[17];

  memset(unused, 0, sizeof unused);
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
static void take_program(epm_job *own, epm_facts *facts)
{
  epm_error_code error = EPM_ERROR_ROOM;
  epm_u8 identification[56];
  epm_i32 size = EPM_STACK_SIZE;
  epm_u32 at, count, i;
  int own_seen = 0, below_system = 0;

  this_thread(identification);
  QWVRCSTK(own->stack, &size, epm_t_i_cstk0100, identification, epm_t_i_jidf0100, &error);
  if (error.available != 0) {
    return;
  }
  at = EPM_GET32(own->stack + 12);
  count = EPM_GET32(own->stack + 16);
  for (i = 0; i < count && at <= EPM_STACK_SIZE - 44; i++) {
    const epm_u8 *entry = own->stack + at;
    epm_u32 length = EPM_GET32(entry);
    int named = entry[24] > E_BLANK && entry[34] > E_BLANK; /* else it is no program's */
    int system = memcmp(entry + 34, epm_t_i_qsys, NAME) == 0;
    if (named && !system && below_system) {
      epm_text library = trimmed(entry + 34, NAME), name = trimmed(entry + 24, NAME);
      memcpy(own->program, library.bytes, library.length);
      own->program[library.length] = E_SLASH;
      memcpy(own->program + library.length + 1, name.bytes, name.length);
      facts->program.bytes = own->program;
      facts->program.length = library.length + 1 + name.length;
      return;
    }
    own_seen |= named && !system;
    below_system |= system && own_seen;
    if (length < 44 || length > EPM_STACK_SIZE - at) {
      return;
    }
    at += length;
  }
}

epm_status epm_job_facts(epm_job *own, epm_facts *facts)
{
  memset(facts, 0, sizeof *facts);
  if (take_user(own, facts) != EPM_OK || take_job(own, facts) != EPM_OK ||
      take_time(facts) != EPM_OK) {
    return EPM_NO_FACTS;
  }
  take_program(own, facts);
  return EPM_OK;
}
