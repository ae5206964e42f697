/* What entries, messages and their JSON call things. */
#include "epm_terms.h"
#include "epm_words.h"

void epm_put_server(epm_writer *writer, unsigned server)
{
  if (server == EPM_LISTEN) {
    epm_put(writer, EPM_W(listen));
  } else if (server == EPM_CONNECT) {
    epm_put(writer, EPM_W(connect));
  } else {
    epm_put(writer, EPM_W(accept));
  }
}

void epm_put_format(epm_writer *writer, unsigned server)
{
  if (server == EPM_LISTEN) {
    epm_put(writer, EPM_W(lstn0100));
  } else if (server == EPM_CONNECT) {
    epm_put(writer, EPM_W(conn0100));
  } else {
    epm_put(writer, EPM_W(acpt0100));
  }
}

void epm_put_reason(epm_writer *writer, const epm_decision *decision)
{
  if (decision->reason == EPM_BY_RULE) {
    epm_put(writer, EPM_W(rule));
  } else if (decision->reason == EPM_BY_DEFAULT) {
    epm_put(writer, EPM_W(default));
  } else {
    epm_put(writer, EPM_W(error));
  }
}

void epm_put_error(epm_writer *writer, const epm_event *event)
{
  switch (event->status) {
  case EPM_MALFORMED:
    epm_put_format(writer, event->call->server);
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
  case EPM_FAULT:
    epm_put(writer, EPM_W(e_fault));
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
