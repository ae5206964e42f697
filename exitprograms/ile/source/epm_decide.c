/* One decision: each dimension says which boxes admit the call's value, and the first box that
   all of them admit names the rule. */
#include <string.h>

#include "epm_bits.h"
#include "epm_decide.h"
#include "epm_names.h"

/* How many chunks are asked about before all the others. */
#define FIRST_CHUNKS 4

/* The last interval that begins at or below a number; EPM_DAMAGED where none does. */
static epm_status row_of_number(const epm_image *image, const epm_u8 *dimension, epm_u32 value,
                                epm_u32 *row)
{
  epm_u32 count = EPM_GET32(dimension + EPM_D_COUNT), low = 0, high = count;
  const epm_u8 *starts = epm_image_part(image, EPM_GET32(dimension + EPM_D_STARTS), count, 8);

  if (starts == 0 || count == 0 || EPM_GET32(starts) != 0) {
    return EPM_DAMAGED;
  }
  while (high - low > 1) {
    epm_u32 middle = low + (high - low) / 2;
    if (EPM_GET32(starts + 4 * (size_t)middle) <= value) {
      low = middle;
    } else {
      high = middle;
    }
  }
  *row = EPM_GET32(starts + 4 * ((size_t)count + low));
  return EPM_OK;
}

static epm_status row_of_v6(const epm_image *image, const epm_u8 *dimension, const epm_u8 *value,
                            epm_u32 *row)
{
  epm_u32 count = EPM_GET32(dimension + EPM_D_COUNT6), low = 0, high = count;
  const epm_u8 *starts = epm_image_part(image, EPM_GET32(dimension + EPM_D_STARTS6), count, 20);
  static const epm_u8 zero[16] = {0};

  if (starts == 0 || count == 0 || memcmp(starts, zero, 16) != 0) {
    return EPM_DAMAGED;
  }
  while (high - low > 1) {
    epm_u32 middle = low + (high - low) / 2;
    if (memcmp(starts + 16 * (size_t)middle, value, 16) <= 0) {
      low = middle;
    } else {
      high = middle;
    }
  }
  *row = EPM_GET32(starts + 16 * (size_t)count + 4 * (size_t)low);
  return EPM_OK;
}

static const epm_end *end_of(const epm_call *call, epm_u8 field)
{
  switch (field) {
  case EPM_F_LCLADDR:
  case EPM_F_LCLPORT:
    return &call->local;
  case EPM_F_BNDADDR:
  case EPM_F_BNDPORT:
    return &call->bound;
  default:
    return &call->remote;
  }
}

/* The value of a numeric field; 0 where the call does not carry it. */
static int number_of(const epm_call *call, epm_u8 field, epm_u32 *value)
{
  const epm_end *end;
  switch (field) {
  case EPM_F_LCLPORT:
  case EPM_F_BNDPORT:
  case EPM_F_RMTPORT:
    end = end_of(call, field);
    *value = end->port;
    return end->has_port;
  case EPM_F_BACKLOG:
    *value = (epm_u32)call->backlog ^ 0x80000000u;
    return call->has_backlog;
  case EPM_F_TIME:
    *value = call->second;
    return call->has_time;
  case EPM_F_DAY:
    *value = call->weekday;
    return call->has_time;
  default:
    *value = 0;
    return 0;
  }
}

/* The names of a name field, a set of one where it is none; 0 where the call lacks it. */
static const epm_text *names_of(const epm_call *call, epm_u8 field, epm_u32 *count)
{
  const epm_text *one = field == EPM_F_USER ? &call->user
                        : field == EPM_F_JOB ? &call->job
                                             : &call->program;
  if (field == EPM_F_GRPPRF) {
    *count = call->group_count;
    return call->groups;
  }
  *count = 1;
  return one->bytes == 0 ? 0 : one;
}

static epm_status row_of_value(const epm_image *image, const epm_u8 *dimension,
                               const epm_call *call, epm_u32 *row)
{
  epm_u8 field = dimension[EPM_D_FIELD];
  epm_u32 value;

  *row = EPM_GET32(dimension + EPM_D_FREE_ROW);
  if (dimension[EPM_D_KIND] == EPM_NUMBERS) {
    return number_of(call, field, &value) ? row_of_number(image, dimension, value, row) : EPM_OK;
  } else {
    const epm_end *end = end_of(call, field);
    if (end->family == 4) {
      return row_of_number(image, dimension, EPM_GET32(end->address + 12), row);
    }
    return end->family == 6 ? row_of_v6(image, dimension, end->address, row) : EPM_OK;
  }
}

static int is_known(const epm_u8 *dimension)
{
  epm_u8 kind = dimension[EPM_D_KIND], field = dimension[EPM_D_FIELD];
  switch (field) {
  case EPM_F_LCLADDR:
  case EPM_F_BNDADDR:
  case EPM_F_RMTADDR:
    return kind == EPM_ADDRESSES;
  case EPM_F_USER:
  case EPM_F_JOB:
  case EPM_F_GRPPRF:
  case EPM_F_PGM:
    return kind == EPM_NAMES;
  default:
    return kind == EPM_NUMBERS && field < EPM_FIELD_COUNT;
  }
}

/* Ask every dimension in turn about the boxes of some chunks, for as long as one lives. */
static epm_status first_in(const epm_image *image, const epm_u8 *server, const epm_call *call,
                           epm_u32 from, epm_u32 to, epm_u32 *box)
{
  epm_alive alive;
  epm_admitted admitted;
  epm_u32 count = EPM_GET16(server + EPM_V_DIM_COUNT), i;
  const epm_u8 *dims =
      epm_image_part(image, EPM_GET32(server + EPM_V_DIMS), count, EPM_DIM_SIZE);
  epm_status status = EPM_OK;
  int loaded = 0;

  alive.count = 0;
  admitted.steps = 0;
  if (dims == 0) {
    return EPM_DAMAGED;
  }
  for (i = 0; status == EPM_OK && i < count && (!loaded || alive.count > 0); i++) {
    const epm_u8 *dimension = dims + (size_t)i * EPM_DIM_SIZE;
    const epm_text *names = 0;
    epm_u32 row = EPM_GET32(dimension + EPM_D_FREE_ROW), name_count = 0;
    if (!is_known(dimension)) {
      return EPM_DAMAGED; /* a later version's: refused, never ignored */
    }
    if (dimension[EPM_D_KIND] == EPM_NAMES) {
      names = names_of(call, dimension[EPM_D_FIELD], &name_count);
    } else {
      status = row_of_value(image, dimension, call, &row);
    }
    if (status == EPM_OK && !loaded) {
      row = names == 0 ? row : EPM_GET32(server + EPM_V_EVERY_ROW);
      status = epm_alive_load(image, row, from, to, &alive);
    } else if (status == EPM_OK && names == 0) {
      status = epm_alive_and(image, row, &alive);
    }
    if (status == EPM_OK && names != 0) {
      status = epm_names_and(image, dimension, names, name_count, &alive, &admitted);
    }
    loaded = 1;
  }
  *box = epm_alive_first(&alive);
  return status;
}

/* The first box, few chunks first: a call is mostly decided early, and what comes after the
   deciding box need not be read. */
static epm_status first_box(const epm_image *image, const epm_u8 *server, const epm_call *call,
                            epm_u32 box_count, epm_u32 *box)
{
  epm_u32 chunks = (box_count + EPM_CHUNK_BITS - 1) / EPM_CHUNK_BITS;
  epm_u32 from = 0, to = FIRST_CHUNKS;
  epm_status status = EPM_OK;

  *box = EPM_MAX_BOXES;
  while (status == EPM_OK && *box == EPM_MAX_BOXES && from < chunks) {
    status = first_in(image, server, call, from, to, box);
    from = to;
    to = EPM_MAX_CHUNKS;
  }
  return status;
}

static epm_status take_rule(const epm_image *image, const epm_u8 *server, epm_u32 index,
                            epm_decision *decision)
{
  epm_u32 count = EPM_GET32(server + EPM_V_RULE_COUNT);
  const epm_u8 *rules =
      epm_image_part(image, EPM_GET32(server + EPM_V_RULES), count, EPM_RULE_SIZE);
  const epm_u8 *rule;

  if (rules == 0 || index >= count) {
    return EPM_DAMAGED;
  }
  rule = rules + (size_t)index * EPM_RULE_SIZE;
  decision->rule = rule;
  decision->sequence = EPM_GET32(rule + EPM_R_SEQUENCE);
  decision->allow = rule[EPM_R_ALLOW] == 1;
  decision->audit = rule[EPM_R_AUDIT] == 1;
  decision->message = rule[EPM_R_MESSAGE] == 1;
  decision->capture = rule[EPM_R_CAPTURE] == 1;
  decision->reason = rule[EPM_R_IS_DEFAULT] == 1 ? EPM_BY_DEFAULT : EPM_BY_RULE;
  return EPM_OK;
}

epm_status epm_decide(const epm_image *image, const epm_call *call, epm_decision *decision)
{
  const epm_u8 *server, *boxes;
  epm_u32 box, box_count, rule_count;
  epm_status status;

  memset(decision, 0, sizeof *decision);
  if (call->server > EPM_ACCEPT) {
    return EPM_LIMIT;
  }
  server = image->servers + (size_t)call->server * EPM_SERVER_SIZE;
  if (server[EPM_V_EVALUATES] == 0) {
    decision->allow = 1;
    decision->reason = EPM_NOT_ACTIVATED;
    return EPM_OK;
  }
  box_count = EPM_GET32(server + EPM_V_BOX_COUNT);
  rule_count = EPM_GET32(server + EPM_V_RULE_COUNT);
  boxes = epm_image_part(image, EPM_GET32(server + EPM_V_BOXES), box_count, 4);
  if (boxes == 0 || rule_count == 0 || box_count > EPM_MAX_BOXES) {
    return EPM_DAMAGED;
  }
  status = first_box(image, server, call, box_count, &box);
  if (status != EPM_OK) {
    return status;
  }
  if (box == EPM_MAX_BOXES) {
    return take_rule(image, server, rule_count - 1, decision);
  }
  if (box >= box_count) {
    return EPM_DAMAGED;
  }
  return take_rule(image, server, EPM_GET32(boxes + 4 * (size_t)box), decision);
}
