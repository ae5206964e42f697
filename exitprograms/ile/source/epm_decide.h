/* The decision core: pure over an image and a call. No allocation, no recursion. */
#ifndef EPM_DECIDE_H
#define EPM_DECIDE_H

#include "epm_call.h"
#include "epm_image.h"

/* Longest name or path that is folded to upper case; one that needs no folding may be longer. */
#define EPM_MAX_FOLDED 768

#define EPM_BY_RULE 1
#define EPM_BY_DEFAULT 2
#define EPM_NOT_ACTIVATED 3
#define EPM_BY_ERROR 4

typedef struct {
  epm_u8 allow;
  epm_u8 reason; /* EPM_BY_..., EPM_NOT_ACTIVATED */
  epm_u8 audit, message, capture;
  epm_u32 sequence;     /* of the deciding rule; 0 where none decided */
  const epm_u8 *rule;   /* its record, or 0 */
} epm_decision;

/* Decide one call. Anything but EPM_OK leaves no decision: the caller must reject, or for
   EPM_LIMIT follow the fail mode. */
epm_status epm_decide(const epm_image *image, const epm_call *call, epm_decision *decision);

#endif
