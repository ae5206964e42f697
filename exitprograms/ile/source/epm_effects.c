/* The text of a message and the record of a captured call. */
#include "epm_effects.h"
#include "epm_terms.h"
#include "epm_words.h"

#define A_BLANK 0x20
#define A_COLON 0x3A
#define A_OPEN_BRACKET 0x5B
#define A_CLOSE_BRACKET 0x5D
#define MISSING 0xFFFF
#define CAPTURE_VERSION 1

static void put_end(epm_writer *writer, const epm_end *end)
{
  if (end->family == 0) {
    epm_put(writer, EPM_W(m_unknown));
    return;
  }
  if (end->family == 6) {
    epm_put_one(writer, A_OPEN_BRACKET);
  }
  epm_put_address(writer, end);
  if (end->family == 6) {
    epm_put_one(writer, A_CLOSE_BRACKET);
  }
  epm_put_one(writer, A_COLON);
  epm_put_number(writer, end->port, 0);
}

/* Who calls whom: the caller first. */
static void put_ends(epm_writer *writer, const epm_call *call)
{
  if (call->server == EPM_LISTEN) {
    put_end(writer, &call->local);
    if (call->has_backlog) {
      epm_put(writer, EPM_W(m_backlog));
      epm_put_signed(writer, call->backlog);
    }
    return;
  }
  put_end(writer, call->server == EPM_ACCEPT ? &call->remote : &call->local);
  epm_put(writer, EPM_W(m_arrow));
  put_end(writer, call->server == EPM_ACCEPT ? &call->local : &call->remote);
}

void epm_write_message(epm_writer *writer, const epm_event *event)
{
  const epm_call *call = event->call;
  epm_text name = epm_rule_name(event, 0);

  epm_put_server(writer, call->server);
  if (event->decision->allow) {
    epm_put(writer, EPM_W(m_allowed));
  } else {
    epm_put(writer, EPM_W(m_rejected));
  }
  put_ends(writer, call);
  epm_put(writer, EPM_W(m_job));
  epm_put_shown(writer, &event->facts->job);
  epm_put(writer, EPM_W(m_user));
  epm_put_shown(writer, &event->facts->user);
  if (event->decision->rule != 0) {
    epm_put(writer, EPM_W(m_rule));
    epm_put_number(writer, event->decision->sequence, 0);
    if (name.length > 0) {
      epm_put_one(writer, A_BLANK);
      epm_put_shown(writer, &name);
    }
  }
}

static void put_text(epm_writer *writer, const epm_text *text)
{
  if (text->bytes == 0) {
    epm_put_u16(writer, MISSING);
    return;
  }
  if (text->length >= MISSING) {
    writer->overflow = 1;
    return;
  }
  epm_put_u16(writer, text->length);
  epm_put_raw(writer, text->bytes, text->length);
}

static void put_byte(epm_writer *writer, epm_u8 byte)
{
  epm_put_raw(writer, &byte, 1);
}

static void put_when(epm_writer *writer, const epm_facts *facts)
{
  epm_put_u16(writer, facts->year);
  put_byte(writer, facts->month);
  put_byte(writer, facts->day);
  put_byte(writer, facts->hour);
  put_byte(writer, facts->minute);
  put_byte(writer, facts->second);
  put_byte(writer, 0);
  epm_put_u32(writer, facts->micros);
}

/* Offsets 0-based: mark 0, version 4, CCSID 6, length 8, server 12, allowed 13, reason 14,
   reserved 15, rule 16, revision 20, time 28, microseconds 36, job number 40, length of the
   block 44, count of groups 46 (x'FFFF' not known), block 48 (96 bytes), then texts with their
   lengths: user, job, program, groups. */
void epm_write_capture(epm_writer *writer, const epm_event *event)
{
  static const epm_u8 zeros[EPM_MAX_BLOCK] = {0};
  const epm_facts *facts = event->facts;
  epm_u64 revision = event->image->revision_known ? event->image->revision : 0;
  epm_u32 i, length;

  epm_put(writer, EPM_W(capture_mark));
  epm_put_u16(writer, CAPTURE_VERSION);
  epm_put_raw(writer, event->image->charset + EPM_S_CCSID, 2);
  epm_put_u32(writer, 0);
  put_byte(writer, event->call->server);
  put_byte(writer, event->decision->allow);
  put_byte(writer, event->decision->reason);
  put_byte(writer, 0);
  epm_put_u32(writer, event->decision->sequence);
  epm_put_u32(writer, (epm_u32)(revision >> 32));
  epm_put_u32(writer, (epm_u32)revision);
  put_when(writer, facts);
  epm_put_u32(writer, facts->number);
  epm_put_u16(writer, event->block_length);
  epm_put_u16(writer, facts->groups == 0 ? MISSING : facts->group_count);
  epm_put_raw(writer, event->block, event->block_length);
  epm_put_raw(writer, zeros, EPM_MAX_BLOCK - event->block_length);
  put_text(writer, &facts->user);
  put_text(writer, &facts->job);
  put_text(writer, &facts->program);
  for (i = 0; facts->groups != 0 && i < facts->group_count && !writer->overflow; i++) {
    put_text(writer, &facts->groups[i]);
  }
  length = writer->length;
  if (!writer->overflow && length >= 12) {
    writer->length = 8;
    epm_put_u32(writer, length);
    writer->length = length;
  }
}
