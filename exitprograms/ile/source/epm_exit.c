/* One call from its block to its answer.

   INVARIANT: the answer is reject until everything that is to allow it has happened.
   INVARIANT: what must be recorded is recorded before the answer is given; where it cannot be,
   the fail mode answers, and a rejection stays one. */
#include <string.h>

#include "epm_effects.h"
#include "epm_exit.h"
#include "epm_words.h"

/* A writer may come round to the slot that is being read: read again, so many times. */
#define MAX_TRIES 4

/* What a decision leaves behind, written out: none of it points into the image. */
typedef struct {
  int fails_open;
  int named;          /* the image said the names below */
  epm_u8 journal[20]; /* name and library */
  epm_u8 queue[20];
  epm_u8 library[10];
  epm_u8 type[2];
  epm_writer entry, message, capture;
  epm_u8 entry_bytes[EPM_MAX_ENTRY];
  epm_u8 message_bytes[EPM_MAX_MESSAGE];
  epm_u8 capture_bytes[EPM_MAX_CAPTURE];
} effects;

static int fails_open(const epm_image *image)
{
  return image != 0 && image->config[EPM_C_FAIL] == 1;
}

/* The decision of an error: the fail mode's where the rules are sound, else a rejection. A
   malformed block is rejected in either mode. */
static void decide_by_error(const epm_image *image, epm_status status, epm_decision *decision)
{
  memset(decision, 0, sizeof *decision);
  decision->reason = EPM_BY_ERROR;
  decision->audit = 1;
  decision->allow = (status == EPM_LIMIT || status == EPM_NO_FACTS) && fails_open(image);
}

/* Decide by one image. `known` is what went wrong before there was one: without the job's facts
   only a server that is not activated has an answer. */
static epm_status decide_by(const epm_image *image, const epm_call *call, epm_status known,
                            epm_decision *decision)
{
  epm_status status = known;
  if (known == EPM_OK || known == EPM_NO_FACTS) {
    status = epm_decide(image, call, decision);
  }
  if (status == EPM_OK && decision->reason != EPM_NOT_ACTIVATED) {
    status = known;
  }
  if (status != EPM_OK) {
    decide_by_error(image, status, decision);
  }
  return status;
}

/* A qualified name: an object of the image's configuration and its library. */
static void qualify(const epm_image *image, epm_u32 object, epm_u8 *qualified)
{
  memcpy(qualified, image->config + object, 10);
  memcpy(qualified + 10, image->config + EPM_C_LIBRARY, 10);
}

static void write_entry(const epm_event *event, effects *left)
{
  epm_writer type;
  epm_writer_open(&left->entry, left->entry_bytes, EPM_MAX_ENTRY, event->image);
  epm_write_entry(&left->entry, event);
  epm_writer_open(&type, left->type, sizeof left->type, event->image);
  epm_put_one(&type, 0x4E);                                 /* N */
  epm_put_one(&type, event->decision->allow ? 0x41 : 0x52); /* A or R */
}

/* Write out what the decision leaves behind; nothing is sent yet. */
static void write_out(const epm_event *event, effects *left)
{
  const epm_decision *decision = event->decision;
  left->fails_open = fails_open(event->image);
  left->named = event->image != 0;
  if (event->image != 0) {
    qualify(event->image, EPM_C_JOURNAL, left->journal);
    qualify(event->image, EPM_C_QUEUE, left->queue);
    memcpy(left->library, event->image->config + EPM_C_LIBRARY, 10);
  }
  if (decision->audit || !decision->allow) {
    write_entry(event, left);
  }
  if (decision->message) {
    epm_writer_open(&left->message, left->message_bytes, EPM_MAX_MESSAGE, event->image);
    epm_write_message(&left->message, event);
  }
  if (decision->capture) {
    epm_writer_open(&left->capture, left->capture_bytes, EPM_MAX_CAPTURE, event->image);
    epm_write_capture(&left->capture, event);
  }
}

/* Decide by the newest sound image, and write out what that leaves behind; a damaged image is
   passed over for the other.

   INVARIANT: what was read of an image counts only if it is still there afterwards. */
static epm_status decide(const epm_platform *platform, epm_cache *cache, epm_event *event,
                         epm_status known, epm_decision *decision, effects *left)
{
  epm_u32 size = 0;
  const epm_u8 *space = platform->rules(platform->context, &size);
  epm_status status = EPM_NO_RULES;
  unsigned refused = 0, slot = 0, tries;
  int fell_back = 0;
  epm_image image;

  for (tries = 0; space != 0 && refused != 3 && tries < MAX_TRIES; tries++) {
    status = epm_space_open(space, size, cache, &refused, &image, &slot, &fell_back);
    if (status != EPM_OK) {
      continue;
    }
    status = decide_by(&image, event->call, known, decision);
    event->image = &image;
    event->status = (epm_u8)status;
    if (status != EPM_DAMAGED) {
      write_out(event, left);
    }
    if (!epm_image_is_current(&image)) {
      status = EPM_DAMAGED; /* while it was read: what came of it counts for nothing */
    } else if (status == EPM_DAMAGED) {
      refused |= 1u << slot;
    } else {
      if (fell_back) {
        platform->count(platform->context, EPM_COUNT_FELL_BACK);
      }
      return status;
    }
  }
  status = known != EPM_OK ? known : refused == 3 ? EPM_NO_RULES : status;
  event->image = 0;
  event->status = (epm_u8)status;
  decide_by_error(0, status, decision);
  write_out(event, left);
  return status;
}

/* 0 where the U entry is written. One that did not fit is not. */
static int send_entry(const epm_platform *platform, const effects *left)
{
  return left->entry.overflow ||
         platform->journal(platform->context, left->named ? left->journal : 0, left->type,
                           left->entry_bytes, left->entry.length) != 0;
}

/* Send what the decision leaves behind; whether the call may go on. */
static int send_all(const epm_platform *platform, const effects *left, epm_answer *answer)
{
  const epm_decision *decision = &answer->decision;
  if (decision->audit || !decision->allow) {
    if (send_entry(platform, left) != 0) {
      platform->count(platform->context, EPM_COUNT_JOURNAL_FAILED);
      return decision->allow && left->fails_open;
    }
    answer->recorded = 1;
  }
  /* A text that is cut at the end still says who was answered what. */
  if (decision->message && platform->message(platform->context, left->queue, left->message_bytes,
                                             left->message.length) != 0) {
    platform->count(platform->context, EPM_COUNT_MESSAGE_FAILED);
  }
  if (decision->capture &&
      (left->capture.overflow ||
       platform->capture(platform->context, left->library, left->capture_bytes,
                         left->capture.length) != 0)) {
    platform->count(platform->context, EPM_COUNT_CAPTURE_FAILED);
  }
  return decision->allow;
}

void epm_exit_run(const epm_platform *platform, epm_cache *cache, unsigned server,
                  const epm_u8 *block, epm_u32 length, epm_answer *answer)
{
  epm_facts facts;
  epm_call call;
  epm_event event;
  effects left;
  epm_status status, known;

  memset(answer, 0, sizeof *answer);
  memset(&facts, 0, sizeof facts);
  platform->count(platform->context, EPM_COUNT_CALLS);
  known = platform->facts(platform->context, &facts);
  if (known != EPM_OK) {
    memset(&facts, 0, sizeof facts);
    known = EPM_NO_FACTS;
  }
  status = epm_call_read(server, block, length, &facts, &call, &answer->offset);
  if (status != EPM_OK) {
    known = status;
  }
  event.call = &call;
  event.facts = &facts;
  event.decision = &answer->decision;
  event.block = block;
  event.block_length = length;
  event.offset = answer->offset;
  status = decide(platform, cache, &event, known, &answer->decision, &left);
  answer->status = (epm_u8)status;
  answer->decision.rule = 0; /* its image may be replaced from now on */
  if (answer->decision.reason == EPM_BY_ERROR) {
    platform->count(platform->context, EPM_COUNT_ERRORS);
  }
  if (answer->decision.reason == EPM_NOT_ACTIVATED) {
    answer->allow = 1;
  } else {
    answer->allow = (epm_u8)send_all(platform, &left, answer);
  }
  platform->count(platform->context, answer->allow ? EPM_COUNT_ALLOWED : EPM_COUNT_REJECTED);
}

void epm_exit_fault(const epm_platform *platform, unsigned server, const epm_u8 *block,
                    epm_u32 length)
{
  epm_facts facts;
  epm_call call;
  epm_event event;
  epm_answer answer;
  effects left;

  platform->count(platform->context, EPM_COUNT_ERRORS);
  platform->count(platform->context, EPM_COUNT_REJECTED);
  memset(&answer, 0, sizeof answer);
  memset(&facts, 0, sizeof facts);
  (void)epm_call_read(server, block, length, &facts, &call, &answer.offset);
  event.image = 0;
  event.call = &call;
  event.facts = &facts;
  event.decision = &answer.decision;
  event.block = block;
  event.block_length = length;
  event.offset = answer.offset;
  event.status = EPM_FAULT;
  decide_by_error(0, EPM_FAULT, &answer.decision);
  write_out(&event, &left);
  (void)send_all(platform, &left, &answer);
}
