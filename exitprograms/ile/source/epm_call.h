/*
 * A socket call as the reader takes it, and the exit blocks it comes from.
 *
 * Blocks: IBM documentation of the accept, connect and listen exit programs, formats ACPT0100
 * (96 bytes), CONN0100 (64) and LSTN0100 (36); offsets 0-based, integers big-endian. Addresses
 * are of the AS/400 4.3 form. Assumptions A1 (AF_INET6 is 24), A2 (the length is 16 or 28), A3
 * (the rest of an IPv4 slot is not read), A5 (a mapped address is its IPv4 address).
 */
#ifndef EPM_CALL_H
#define EPM_CALL_H

#include "epm_types.h"

#define EPM_LISTEN 0
#define EPM_CONNECT 1
#define EPM_ACCEPT 2

#define EPM_MAX_BLOCK 96

/* A text in the image's character set; without bytes it is missing. */
typedef struct {
  const epm_u8 *bytes;
  epm_u32 length;
} epm_text;

/* Who calls, and when: what a block does not say. */
typedef struct {
  epm_text job;
  epm_text user;
  epm_text program;
  const epm_text *groups; /* 0: not known */
  epm_u32 group_count;
  epm_u32 number; /* of the job */
  epm_u16 year;   /* local time; 0: not known */
  epm_u8 month, day, hour, minute, second;
  epm_u32 micros;
} epm_facts;

typedef struct {
  epm_u8 family; /* 0 missing, 4 or 6 */
  epm_u8 has_port;
  epm_u16 port;
  epm_u8 address[16]; /* IPv4 in the last four */
} epm_end;

typedef struct {
  epm_u8 server;
  epm_u8 has_backlog;
  epm_u8 has_time;
  epm_u8 weekday; /* 0 Monday */
  epm_i32 backlog;
  epm_u32 second; /* of the day */
  epm_end local, bound, remote;
  epm_text user, job, program;
  const epm_text *groups;
  epm_u32 group_count;
} epm_call;

epm_u32 epm_block_size(unsigned server);

/* Read a block. On EPM_MALFORMED `offset` is told where the fault is; the call then has what
   the job says and no address. */
epm_status epm_call_read(unsigned server, const epm_u8 *block, epm_u32 length,
                         const epm_facts *facts, epm_call *call, epm_u32 *offset);

#endif
