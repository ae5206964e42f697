/* The full values of a U entry as JSON of ASCII characters, brought to the image's own. */
#include "epm_json.h"
#include "epm_terms.h"
#include "epm_words.h"

#define A_COMMA 0x2C
#define A_COLON 0x3A
#define A_QUOTE 0x22
#define A_MINUS 0x2D
#define A_DOT 0x2E
#define A_T 0x54
#define A_OPEN_BRACKET 0x5B
#define A_CLOSE_BRACKET 0x5D
#define A_CLOSE_BRACE 0x7D

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
    epm_put_error(writer, event);
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
  epm_put_server(writer, call->server);
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

void epm_write_json(epm_writer *writer, const epm_event *event)
{
  epm_put(writer, EPM_W(j_system));
  put_system(writer, event->image);
  epm_put(writer, EPM_W(j_server));
  epm_put_server(writer, event->call->server);
  epm_put(writer, EPM_W(j_format));
  epm_put_format(writer, event->call->server);
  epm_put(writer, EPM_W(j_verdict));
  if (event->decision->allow) {
    epm_put(writer, EPM_W(allow));
  } else {
    epm_put(writer, EPM_W(reject));
  }
  epm_put(writer, EPM_W(j_enforced));
  epm_put_reason(writer, event->decision);
  put_decision(writer, event);
  put_call(writer, event);
  put_job(writer, event->facts);
  epm_put_one(writer, A_CLOSE_BRACE);
}
