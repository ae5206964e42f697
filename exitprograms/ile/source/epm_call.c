/* From an exit block and the job's facts to a call. */
#include <string.h>

#include "epm_call.h"

#define AF_INET_43 2
#define AF_INET6_43 24 /* assumption A1 */
#define SLOT_SIZE 32

epm_u32 epm_block_size(unsigned server)
{
  static const epm_u32 sizes[3] = {36, 64, 96};
  return server <= EPM_ACCEPT ? sizes[server] : 0;
}

static int is_mapped(const epm_u8 *address)
{
  static const epm_u8 prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  return memcmp(address, prefix, 12) == 0;
}

/* An address slot: length, then a sockaddr_in or a sockaddr_in6 with a two-byte family. */
static epm_status read_slot(const epm_u8 *slot, epm_end *end, epm_u32 *fault)
{
  epm_u32 length = EPM_GET32(slot);
  epm_u16 family = EPM_GET16(slot + 4);

  if (length != 16 && length != 28) {
    *fault = 0;
    return EPM_MALFORMED;
  }
  if (family != AF_INET_43 && family != AF_INET6_43) {
    *fault = 4;
    return EPM_MALFORMED;
  }
  if ((length == 16) != (family == AF_INET_43)) {
    *fault = 0;
    return EPM_MALFORMED;
  }
  memset(end->address, 0, 16);
  end->has_port = 1;
  end->port = EPM_GET16(slot + 6);
  if (family == AF_INET_43) {
    end->family = 4;
    memcpy(end->address + 12, slot + 8, 4);
  } else if (is_mapped(slot + 12)) {
    end->family = 4;
    memcpy(end->address + 12, slot + 24, 4);
  } else {
    end->family = 6;
    memcpy(end->address, slot + 12, 16);
  }
  return EPM_OK;
}

/* Day of the week of a date of the Gregorian calendar, 0 for Monday. */
static epm_u8 weekday_of(unsigned year, unsigned month, unsigned day)
{
  static const epm_u8 shift[12] = {0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4};
  unsigned y = year - (month < 3);
  unsigned sunday_based = (y + y / 4 - y / 100 + y / 400 + shift[month - 1] + day) % 7;
  return (epm_u8)((sunday_based + 6) % 7);
}

static void take_facts(const epm_facts *facts, epm_call *call)
{
  call->user = facts->user;
  call->job = facts->job;
  call->program = facts->program;
  call->groups = facts->groups;
  call->group_count = facts->groups == 0 ? 0 : facts->group_count;
  if (facts->year >= 1 && facts->month >= 1 && facts->month <= 12 && facts->hour < 24 &&
      facts->minute < 60 && facts->second < 60) {
    call->has_time = 1;
    call->weekday = weekday_of(facts->year, facts->month, facts->day);
    call->second = facts->hour * 3600u + facts->minute * 60u + facts->second;
  }
}

epm_status epm_call_read(unsigned server, const epm_u8 *block, epm_u32 length,
                         const epm_facts *facts, epm_call *call, epm_u32 *offset)
{
  epm_end *ends[3];
  epm_u32 at = 0, fault = 0;
  unsigned count = 0, i;

  memset(call, 0, sizeof *call);
  call->server = (epm_u8)server;
  take_facts(facts, call);
  *offset = 0;
  if (server > EPM_ACCEPT || length != epm_block_size(server)) {
    *offset = length < epm_block_size(server) ? length : epm_block_size(server);
    return EPM_MALFORMED;
  }
  if (server == EPM_LISTEN) {
    ends[count++] = &call->local;
    at = 4;
  } else if (server == EPM_CONNECT) {
    ends[count++] = &call->local;
    ends[count++] = &call->remote;
  } else {
    ends[count++] = &call->bound;
    ends[count++] = &call->local;
    ends[count++] = &call->remote;
  }
  for (i = 0; i < count; i++, at += SLOT_SIZE) {
    if (read_slot(block + at, ends[i], &fault) != EPM_OK) {
      *offset = at + fault;
      memset(&call->local, 0, sizeof call->local);
      memset(&call->bound, 0, sizeof call->bound);
      memset(&call->remote, 0, sizeof call->remote);
      return EPM_MALFORMED;
    }
  }
  if (server == EPM_LISTEN) {
    call->has_backlog = 1;
    call->backlog = (epm_i32)EPM_GET32(block);
  }
  return EPM_OK;
}
