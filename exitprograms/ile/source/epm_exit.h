/* The exit program: a block in, an answer out, recorded before it is given. */
#ifndef EPM_EXIT_H
#define EPM_EXIT_H

#include "epm_decide.h"
#include "epm_platform.h"

/* What one call came to. */
typedef struct {
  epm_u8 allow;
  epm_u8 recorded;     /* a U entry was written */
  epm_u8 status;       /* epm_status: what went wrong, EPM_OK where nothing did */
  epm_u32 offset;      /* of a malformed block's fault */
  epm_decision decision; /* `rule` is not valid any more */
} epm_answer;

/* Answer one call of a server. The answer is never other than allow or reject. */
void epm_exit_run(const epm_platform *platform, epm_cache *cache, unsigned server,
                  const epm_u8 *block, epm_u32 length, epm_answer *answer);

/* Record that an exception ended the call: counted, and a U/NR entry without the job's facts and
   without rules, either of which may have been what failed. */
void epm_exit_fault(const epm_platform *platform, unsigned server, const epm_u8 *block,
                    epm_u32 length);

#endif
