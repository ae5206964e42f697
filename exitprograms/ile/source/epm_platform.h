/*
 * What the exit programs need of the system they run on: a small table of functions.
 * epm_platform_ibmi.c is IBM i's, epm_platform_host.c that of tests and of other systems.
 */
#ifndef EPM_PLATFORM_H
#define EPM_PLATFORM_H

#include "epm_call.h"

/* Counters of the counter user space, u32 each, big-endian, in this order from offset 0. */
#define EPM_COUNT_CALLS 0
#define EPM_COUNT_ALLOWED 1
#define EPM_COUNT_REJECTED 2
#define EPM_COUNT_ERRORS 3          /* decisions that an error made */
#define EPM_COUNT_FELL_BACK 4       /* calls decided although a damaged image was passed over */
#define EPM_COUNT_JOURNAL_FAILED 5  /* entries that could not be written */
#define EPM_COUNT_MESSAGE_FAILED 6
#define EPM_COUNT_CAPTURE_FAILED 7
#define EPM_COUNTERS 8

typedef struct {
  void *context;
  /* Who calls, and when. What it points to lasts until the exit program returns. */
  epm_status (*facts)(void *context, epm_facts *facts);
  /* The user space of the rules and its size; 0 where there is none. */
  const epm_u8 *(*rules)(void *context, epm_u32 *size);
  /* Write a U entry of a type (2 characters) to a journal (20 characters: name, library), and
     return only when it is written. 0 done, anything else failed. */
  int (*journal)(void *context, const epm_u8 *journal, const epm_u8 *type, const epm_u8 *data,
                 epm_u32 length);
  /* Send an informational message to a queue (20 characters). */
  int (*message)(void *context, const epm_u8 *queue, const epm_u8 *text, epm_u32 length);
  /* Send a record to the data queue of captures in a library (10 characters). */
  int (*capture)(void *context, const epm_u8 *library, const epm_u8 *record, epm_u32 length);
  void (*count)(void *context, unsigned counter);
} epm_platform;

/* Room for what a platform keeps while one call is answered: each call has its own, so that
   threads do not meet in it. */
typedef union {
  void *pointer; /* aligns it */
  epm_u64 number;
  epm_u8 bytes[12288];
} epm_platform_room;

/* Fill in the platform that the program was bound with. 0 where there is none. */
int epm_platform_open(epm_platform *platform, epm_platform_room *room);

#endif
