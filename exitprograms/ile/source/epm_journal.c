/* U/NA and U/NR: fixed fields first, then the full values as JSON.

   The layout is the project's own (journal, U entries, version 1), offsets 1-based: mark 1,
   offset of the JSON 5, verdict 8, enforced 9, server 10, format 20, reason 28, rule 41, its
   name 46, revision 96, local 106 and 152, bound 157 and 203, remote 208 and 254, backlog 259,
   user 263, job 273, error 283, length of the JSON 376, JSON 380. */
#include <string.h>

#include "epm_effects.h"
#include "epm_words.h"

#define FIXED_SIZE 379
#define A_COMMA 0x2C
#define A_COLON 0x3A
#define A_QUOTE 0x22
#define A_MINUS 0x2D
#define A_DOT 0x2E
#define A_N 0x4E
#define A_T 0x54
#define A_Y 0x59
#define A_OPEN_BRACKET 0x5B
#define A_CLOSE_BRACKET 0x5D
#define A_CLOSE_BRACE 0x7D

static void put_server(epm_writer *writer, unsigned server)
{
  if (server == EPM_LISTEN) {
    epm_put(writer, EPM_W(listen));
  } else if (server == EPM_CONNECT) {
    epm_put(writer, EPM_W(connect));
  } else {
    epm_put(writer, EPM_W(accept));
  }
}

static void put_format(epm_writer *writer, unsigned server)
{
  if (server == EPM_LISTEN) {
    epm_put(writer, EPM_W(lstn0100));
  } else if (server == EPM_CONNECT) {
    epm_put(writer, EPM_W(conn0100));
  } else {
    epm_put(writer, EPM_W(acpt0100));
  }
}

static void put_reason(epm_writer *writer, const epm_decision *decision)
{
  if (decision->reason == EPM_BY_RULE) {
    epm_put(writer, EPM_W(rule));
  } else if (decision->reason == EPM_BY_DEFAULT) {
    epm_put(writer, EPM_W(default));
  } else {
    epm_put(writer, EPM_W(error));
  }
}

static void put_error(epm_writer *writer, const epm_event *event)
{
  switch (event->status) {
  case EPM_MALFORMED:
    put_format(writer, event->call->server);
    epm_put(writer, EPM_W(e_malformed));
    epm_put_number(writer, event->offset, 0);
    break;
  case EPM_DAMAGED:
    epm_put(writer, EPM_W(e_damaged));
    break;
  case EPM_LIMIT:
    epm_put(writer, EPM_W(e_limit));
    break;
  case EPM_NO_FACTS:
    epm_put(writer, EPM_W(e_no_facts));
    break;
  case EPM_NO_RULES:
    epm_put(writer, EPM_W(e_no_rules));
    break;
  default:
    break;
  }
}

epm_text epm_rule_name(const epm_event *event, int json)
{
  const epm_u8 *rule = event->decision->rule;
  epm_text name = {0, 0};
  if (rule != 0) {
    epm_u32 offset = EPM_GET32(rule + (json ? EPM_R_JSON : EPM_R_NAME));
    name.length = EPM_GET16(rule + (json ? EPM_R_JSON_LENGTH : EPM_R_NAME_LENGTH));
    name.bytes = epm_image_part(event->image, offset, name.length, 1);
  }
  if (name.bytes == 0) {
    name.length = 0;
  }
  return name;
}

/* A fixed field of an end: address and port, blank where the call has none. */
static void put_end(epm_writer *writer, const epm_end *end, epm_u32 address_end)
{
  if (end->family != 0) {
    epm_put_address(writer, end);
  }
  epm_pad_to(writer, address_end);
  if (end->has_port) {
    epm_put_number(writer, end->port, 0);
  }
  epm_pad_to(writer, address_end + 5);
}

static void put_name(epm_writer *writer, const epm_text *name, epm_u32 end)
{
  epm_u32 room = end - writer->length;
  if (name->bytes != 0) {
    epm_put_raw(writer, name->bytes, name->length < room ? name->length : room);
  }
  epm_pad_to(writer, end);
}

static void put_fixed(epm_writer *writer, const epm_event *event)
{
  const epm_call *call = event->call;
  epm_text name = epm_rule_name(event, 0);
  int revised = event->image != 0 && event->image->revision_known;

  epm_put(writer, EPM_W(mark));
  epm_put(writer, EPM_W(json_offset));
  epm_put_one(writer, event->decision->allow ? A_Y : A_N);
  epm_put_one(writer, A_Y); /* enforced: there is no other mode here */
  put_server(writer, call->server);
  epm_pad_to(writer, 19);
  put_format(writer, call->server);
  put_reason(writer, event->decision);
  epm_pad_to(writer, 40);
  epm_put_number(writer, event->decision->sequence, 5);
  put_name(writer, &name, 95);
  epm_put_number(writer, revised ? event->image->revision : 0, 10);
  put_end(writer, &call->local, 151);
  put_end(writer, &call->bound, 202);
  put_end(writer, &call->remote, 253);
  epm_put_u32(writer, call->has_backlog ? (epm_u32)call->backlog : 0);
  put_name(writer, &call->user, 272);
  put_name(writer, &call->job, 282);
  put_error(writer, event);
  epm_pad_to(writer, 375);
  epm_put_u32(writer, 0); /* length of the JSON, filled in when it is known */
}

static void put_bool(epm_writer *writer, int value)
{
  if (value) {
    epm_put(writer, EPM_W(true));
  } else {
    epm_put(writer, EPM_W(false));
  }
}

static void put_groups(epm_writer *writer, const epm_text *groups, epm_u32 count)
{
  epm_u32 i;
  if (groups == 0) {
    epm_put(writer, EPM_W(null));
    return;
  }
  epm_put_one(writer, A_OPEN_BRACKET);
  for (i = 0; i < count && !writer->overflow; i++) {
    if (i > 0) {
      epm_put_one(writer, A_COMMA);
    }
    epm_put_json(writer, &groups[i]);
  }
  epm_put_one(writer, A_CLOSE_BRACKET);
}

static void put_decision(epm_writer *writer, const epm_event *event)
{
  const epm_decision *decision = event->decision;
  epm_text name = epm_rule_name(event, 1);

  epm_put(writer, EPM_W(j_rule));
  if (decision->rule == 0) {
    epm_put(writer, EPM_W(null));
  } else {
    epm_put(writer, EPM_W(j_seq));
    epm_put_number(writer, decision->sequence, 0);
    epm_put(writer, EPM_W(j_name));
    epm_put(writer, name.bytes, name.length);
    epm_put_one(writer, A_CLOSE_BRACE);
  }
  epm_put(writer, EPM_W(j_audit));
  put_bool(writer, decision->audit);
  epm_put(writer, EPM_W(j_message));
  put_bool(writer, decision->message);
  epm_put(writer, EPM_W(j_capture));
  put_bool(writer, decision->capture);
  epm_put(writer, EPM_W(j_revision));
  if (event->image != 0 && event->image->revision_known) {
    epm_put_number(writer, event->image->revision, 0);
  } else {
    epm_put(writer, EPM_W(null));
  }
  epm_put(writer, EPM_W(j_error));
  if (event->status == EPM_OK) {
    epm_put(writer, EPM_W(null));
  } else {
    epm_put_one(writer, A_QUOTE);
    put_error(writer, event);
    epm_put_one(writer, A_QUOTE);
  }
}

static void put_json_end(epm_writer *writer, const epm_u8 *key, epm_u32 length, const epm_end *end)
{
  if (end->family != 0) {
    epm_put(writer, key, length);
    epm_put(writer, EPM_W(j_addr));
    epm_put_address(writer, end);
    epm_put_one(writer, A_QUOTE);
  }
  if (end->has_port) {
    epm_put(writer, key, length);
    epm_put(writer, EPM_W(j_port));
    epm_put_number(writer, end->port, 0);
  }
}

static void put_time(epm_writer *writer, const epm_facts *facts)
{
  epm_put(writer, EPM_W(j_at));
  epm_put_number(writer, facts->year, 4);
  epm_put_one(writer, A_MINUS);
  epm_put_number(writer, facts->month, 2);
  epm_put_one(writer, A_MINUS);
  epm_put_number(writer, facts->day, 2);
  epm_put_one(writer, A_T);
  epm_put_number(writer, facts->hour, 2);
  epm_put_one(writer, A_COLON);
  epm_put_number(writer, facts->minute, 2);
  epm_put_one(writer, A_COLON);
  epm_put_number(writer, facts->second, 2);
  if (facts->micros != 0) {
    epm_put_one(writer, A_DOT);
    epm_put_number(writer, facts->micros, 6);
  }
  epm_put_one(writer, A_QUOTE);
}

static void put_call(epm_writer *writer, const epm_event *event)
{
  const epm_call *call = event->call;

  epm_put(writer, EPM_W(j_call));
  put_server(writer, call->server);
  epm_put_one(writer, A_QUOTE);
  put_json_end(writer, EPM_W(j_lcl), &call->local);
  put_json_end(writer, EPM_W(j_bnd), &call->bound);
  put_json_end(writer, EPM_W(j_rmt), &call->remote);
  if (call->has_backlog) {
    epm_put(writer, EPM_W(j_backlog));
    epm_put_signed(writer, call->backlog);
  }
  if (call->user.bytes != 0) {
    epm_put(writer, EPM_W(j_user));
    epm_put_json(writer, &call->user);
  }
  if (call->groups != 0) {
    epm_put(writer, EPM_W(j_groups));
    put_groups(writer, call->groups, call->group_count);
  }
  if (call->job.bytes != 0) {
    epm_put(writer, EPM_W(j_call_job));
    epm_put_json(writer, &call->job);
  }
  if (call->program.bytes != 0) {
    epm_put(writer, EPM_W(j_pgm));
    epm_put_json(writer, &call->program);
  }
  if (call->has_time) {
    put_time(writer, event->facts);
  }
  epm_put_one(writer, A_CLOSE_BRACE);
}

static void put_job(epm_writer *writer, const epm_facts *facts)
{
  epm_put(writer, EPM_W(j_job));
  epm_put_json(writer, &facts->job);
  epm_put(writer, EPM_W(j_user));
  epm_put_json(writer, &facts->user);
  epm_put(writer, EPM_W(j_number));
  epm_put_number(writer, facts->number, 0);
  epm_put(writer, EPM_W(j_program));
  epm_put_json(writer, &facts->program);
  epm_put(writer, EPM_W(j_groups));
  put_groups(writer, facts->groups, facts->group_count);
  epm_put_one(writer, A_CLOSE_BRACE);
}

static void put_system(epm_writer *writer, const epm_image *image)
{
  const epm_u8 *name = 0;
  epm_u32 length = 0;
  if (image != 0) {
    length = EPM_GET16(image->config + EPM_C_SYSTEM_LENGTH);
    name = epm_image_part(image, EPM_GET32(image->config + EPM_C_SYSTEM), length, 1);
  }
  if (name != 0) {
    epm_put(writer, name, length);
  } else {
    epm_put(writer, EPM_W(local_system));
  }
}

void epm_write_entry(epm_writer *writer, const epm_event *event)
{
  epm_u32 begin, length;

  put_fixed(writer, event);
  begin = writer->length;
  epm_put(writer, EPM_W(j_system));
  put_system(writer, event->image);
  epm_put(writer, EPM_W(j_server));
  put_server(writer, event->call->server);
  epm_put(writer, EPM_W(j_format));
  put_format(writer, event->call->server);
  epm_put(writer, EPM_W(j_verdict));
  if (event->decision->allow) {
    epm_put(writer, EPM_W(allow));
  } else {
    epm_put(writer, EPM_W(reject));
  }
  epm_put(writer, EPM_W(j_enforced));
  put_reason(writer, event->decision);
  put_decision(writer, event);
  put_call(writer, event);
  put_job(writer, event->facts);
  epm_put_one(writer, A_CLOSE_BRACE);
  length = writer->length - begin;
  if (begin == FIXED_SIZE && !writer->overflow) {
    writer->length = FIXED_SIZE - 4;
    epm_put_u32(writer, length);
    writer->length = begin + length;
  }
}
