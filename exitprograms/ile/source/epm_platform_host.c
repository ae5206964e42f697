/*
 * The platform of tests, of simulations and of Linux: a request holds the facts, and functions
 * of the caller (by way of ctypes) take what is recorded. Everything is passed in, so calls may
 * run in several threads, each with a request of its own.
 */
#include <string.h>

#include "epm_entry.h"
#include "epm_exit.h"

typedef struct {
  const epm_u8 *space;
  epm_u32 space_size;
  epm_u32 server;
  const epm_u8 *block;
  epm_u32 block_length;
  epm_u32 has_facts;
  epm_facts facts;
} epm_request;

typedef int (*epm_host_record)(void *context, epm_u32 kind, const epm_u8 *name,
                               const epm_u8 *type, const epm_u8 *data, epm_u32 length);

#define HOST_JOURNAL 0
#define HOST_MESSAGE 1
#define HOST_CAPTURE 2

typedef struct {
  const epm_request *request;
  epm_host_record record; /* 0: recorded nowhere, which succeeds */
  void *context;
  epm_u32 *counters; /* EPM_COUNTERS of them, or 0 */
} host;

static epm_status host_facts(void *context, epm_facts *facts)
{
  const epm_request *request = ((const host *)context)->request;
  if (!request->has_facts) {
    return EPM_NO_FACTS;
  }
  *facts = request->facts;
  return EPM_OK;
}

static const epm_u8 *host_rules(void *context, epm_u32 *size)
{
  const epm_request *request = ((const host *)context)->request;
  *size = request->space_size;
  return request->space;
}

static int host_journal(void *context, const epm_u8 *journal, const epm_u8 *type,
                        const epm_u8 *data, epm_u32 length)
{
  const host *own = context;
  return own->record == 0 ? 0
                          : own->record(own->context, HOST_JOURNAL, journal, type, data, length);
}

static int host_message(void *context, const epm_u8 *queue, const epm_u8 *text, epm_u32 length)
{
  const host *own = context;
  return own->record == 0 ? 0 : own->record(own->context, HOST_MESSAGE, queue, 0, text, length);
}

static int host_capture(void *context, const epm_u8 *library, const epm_u8 *record,
                        epm_u32 length)
{
  const host *own = context;
  return own->record == 0 ? 0
                          : own->record(own->context, HOST_CAPTURE, library, 0, record, length);
}

static void host_count(void *context, unsigned counter)
{
  const host *own = context;
  if (own->counters != 0 && counter < EPM_COUNTERS) {
    own->counters[counter]++;
  }
}

static void fill(epm_platform *platform, host *own)
{
  platform->context = own;
  platform->facts = host_facts;
  platform->rules = host_rules;
  platform->journal = host_journal;
  platform->message = host_message;
  platform->capture = host_capture;
  platform->count = host_count;
}

/* What a program that is bound with this platform runs on: set before its main is called, each
   thread its own. */
static __thread host bound_host;

void epm_host_bind(const epm_request *request, epm_host_record record, void *context,
                   epm_u32 *counters)
{
  bound_host.request = request;
  bound_host.record = record;
  bound_host.context = context;
  bound_host.counters = counters;
}

int epm_platform_open(epm_platform *platform, epm_platform_room *room)
{
  (void)room;
  fill(platform, &bound_host);
  return bound_host.request != 0;
}

/* Answer one request as an exit program does. */
void epm_host_run(const epm_request *request, epm_cache *cache, epm_host_record record,
                  void *context, epm_u32 *counters, epm_answer *answer)
{
  epm_platform platform;
  host own;
  own.request = request;
  own.record = record;
  own.context = context;
  own.counters = counters;
  fill(&platform, &own);
  epm_exit_run(&platform, cache, request->server, request->block, request->block_length, answer);
}

/* Answer many requests in one call, for those who count nanoseconds. Nothing is recorded. */
void epm_host_run_many(const epm_request *requests, epm_u32 count, epm_cache *cache,
                       epm_answer *answers)
{
  epm_u32 i;
  for (i = 0; i < count; i++) {
    epm_host_run(&requests[i], cache, 0, 0, 0, &answers[i]);
  }
}

/* Decide a call that need not come from a block, by an image outside a space. */
epm_u32 epm_host_decide(const epm_u8 *bytes, epm_u32 size, const epm_call *call,
                        epm_decision *decision)
{
  epm_image image;
  epm_status status = epm_image_open(bytes, size, 0, &image);
  if (status == EPM_OK) {
    status = epm_decide(&image, call, decision);
  }
  decision->rule = 0;
  return (epm_u32)status;
}

/* Decide many calls by one image; the status of each. Returns how many were not EPM_OK. */
epm_u32 epm_host_decide_many(const epm_u8 *bytes, epm_u32 size, const epm_call *calls,
                             epm_u32 count, epm_decision *decisions, epm_u8 *statuses)
{
  epm_image image;
  epm_status opened = epm_image_open(bytes, size, 0, &image);
  epm_u32 i, failed = 0;
  for (i = 0; i < count; i++) {
    epm_status status = opened == EPM_OK ? epm_decide(&image, &calls[i], &decisions[i]) : opened;
    decisions[i].rule = 0;
    statuses[i] = (epm_u8)status;
    failed += status != EPM_OK;
  }
  return failed;
}

/* Whether an image is whole, by its header and its checksums. */
epm_u32 epm_host_verify(const epm_u8 *bytes, epm_u32 size)
{
  epm_image image;
  epm_status status = epm_image_open(bytes, size, 0, &image);
  if (status == EPM_OK && !epm_image_is_whole(&image)) {
    status = EPM_DAMAGED;
  }
  return (epm_u32)status;
}

/* The sizes of the structures that callers lay out themselves, to be held to theirs. */
epm_u32 epm_host_size(epm_u32 which)
{
  switch (which) {
  case 0:
    return (epm_u32)sizeof(epm_request);
  case 1:
    return (epm_u32)sizeof(epm_answer);
  case 2:
    return (epm_u32)sizeof(epm_call);
  case 3:
    return (epm_u32)sizeof(epm_decision);
  case 4:
    return (epm_u32)sizeof(epm_cache);
  default:
    return 0;
  }
}
