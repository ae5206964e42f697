/* U/NA and U/NR: fixed fields first, then the full values as JSON.

   The layout is the project's own (journal, U entries, version 1), offsets 1-based: mark 1,
   offset of the JSON 5, verdict 8, enforced 9, server 10, format 20, reason 28, rule 41, its
   name 46, revision 96, local 106 and 152, bound 157 and 203, remote 208 and 254, backlog 259,
   user 263, job 273, error 283, length of the JSON 376, JSON 380. */
#include "epm_effects.h"
#include "epm_json.h"
#include "epm_terms.h"
#include "epm_words.h"

#define FIXED_SIZE 379
#define A_N 0x4E
#define A_Y 0x59

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
  epm_put_server(writer, call->server);
  epm_pad_to(writer, 19);
  epm_put_format(writer, call->server);
  epm_put_reason(writer, event->decision);
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
  epm_put_error(writer, event);
  epm_pad_to(writer, 375);
  epm_put_u32(writer, 0); /* length of the JSON, filled in when it is known */
}

void epm_write_entry(epm_writer *writer, const epm_event *event)
{
  epm_u32 begin, length;

  put_fixed(writer, event);
  begin = writer->length;
  epm_write_json(writer, event);
  length = writer->length - begin;
  if (begin == FIXED_SIZE && !writer->overflow) {
    writer->length = FIXED_SIZE - 4;
    epm_put_u32(writer, length);
    writer->length = begin + length;
  }
}
