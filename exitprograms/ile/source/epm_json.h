/* The JSON of a U entry. */
#ifndef EPM_JSON_H
#define EPM_JSON_H

#include "epm_effects.h"

/* Write system, server, verdict, decision, call and job as one object. */
void epm_write_json(epm_writer *writer, const epm_event *event);

#endif
