/* What a decision leaves behind: its U entry, its message, its capture. */
#ifndef EPM_EFFECTS_H
#define EPM_EFFECTS_H

#include "epm_decide.h"
#include "epm_writer.h"

/* Longest entry-specific data, message and capture record, in bytes. */
#define EPM_MAX_ENTRY 24000
#define EPM_MAX_MESSAGE 512
#define EPM_MAX_CAPTURE 8000

typedef struct {
  const epm_image *image; /* 0: no image could be had */
  const epm_call *call;
  const epm_facts *facts;
  const epm_decision *decision;
  const epm_u8 *block;
  epm_u32 block_length;
  epm_u8 status;
  epm_u32 offset;
} epm_event;

/* Write the entry-specific data of U/NA or U/NR (layout: docs/journal.md, version 1). */
void epm_write_entry(epm_writer *writer, const epm_event *event);

/* Write the text of a rule's message. */
void epm_write_message(epm_writer *writer, const epm_event *event);

/* Write the record of a captured call (layout: docs/rule-image.md, version 1). */
void epm_write_capture(epm_writer *writer, const epm_event *event);

#endif
