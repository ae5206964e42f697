/* What IBM i says of the job that makes a call, and the room that it is kept in. */
#ifndef EPM_JOB_H
#define EPM_JOB_H

#include "epm_call.h"

#define EPM_JOB_NAME 10
#define EPM_USER_SIZE 2048
#define EPM_STACK_SIZE 8000
#define EPM_MAX_GROUPS 33 /* the group profile, and supplemental ones: 15, room for more */

typedef struct {
  epm_u8 user[EPM_USER_SIZE];   /* USRI0200 */
  epm_u8 job[86];               /* JOBI0100 */
  epm_u8 stack[EPM_STACK_SIZE]; /* CSTK0100 */
  epm_u8 program[2 * EPM_JOB_NAME + 1];
  epm_text groups[EPM_MAX_GROUPS];
} epm_job;

/* Ask; `facts` points into the room. EPM_NO_FACTS where the system does not say. */
epm_status epm_job_facts(epm_job *own, epm_facts *facts);

#endif
