/* The words for servers, formats, reasons and errors, written in the image's character set. */
#ifndef EPM_TERMS_H
#define EPM_TERMS_H

#include "epm_effects.h"

void epm_put_server(epm_writer *writer, unsigned server);
void epm_put_format(epm_writer *writer, unsigned server);
void epm_put_reason(epm_writer *writer, const epm_decision *decision);

/* Why an error decided; nothing where none did. */
void epm_put_error(epm_writer *writer, const epm_event *event);

/* A name of the deciding rule; missing where there is none. `json` asks for its JSON text. */
epm_text epm_rule_name(const epm_event *event, int json);

#endif
