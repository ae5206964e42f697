/* From the parameters to the answer. Whatever goes wrong, the indicator says reject. */
#include "epm_entry.h"
#include "epm_exit.h"

#ifdef __ILEC400__
#include <except.h>
/* Escape messages and function checks; status messages are no failures. */
#define EPM_ESCAPES (_C2_MH_ESCAPE | _C2_MH_FUNCTION_CHECK)
#endif

/* Which images this job has checked whole. Words of it are written one at a time. */
static epm_cache checked;

void epm_entry_fault(unsigned server, const epm_u8 *block)
{
  epm_platform platform;
  epm_platform_room room;
#ifdef __ILEC400__
#pragma exception_handler(again, 0, _C1_ALL, EPM_ESCAPES, _CTLA_HANDLE)
#endif
  if (epm_platform_open(&platform, &room)) {
    epm_exit_fault(&platform, server, block, epm_block_size(server));
  }
#ifdef __ILEC400__
#pragma disable_handler
again:
  return;
#endif
}

void epm_entry(unsigned server, int argc, char **argv)
{
  epm_platform platform;
  epm_platform_room room;
  /* Read after an exception, when no register is what it was. */
  volatile epm_u8 *volatile indicator;
  const epm_u8 *volatile block;
  volatile unsigned asked = server;
  epm_answer answer;

  if (argc < 3 || argv[2] == 0) {
    return; /* nowhere to answer: an indicator that is not set rejects */
  }
  indicator = (volatile epm_u8 *)argv[2];
  /* INVARIANT: reject stands there before anything else happens. */
  *indicator = EPM_REJECT;
  block = (const epm_u8 *)argv[1];
  if (block == 0) {
    return;
  }
#ifdef __ILEC400__
  /* Any escape message or machine exception goes to `fault`, which leaves the rejection. Only a
     real IBM i can prove this line. */
#pragma exception_handler(fault, 0, _C1_ALL, EPM_ESCAPES, _CTLA_HANDLE)
#endif
  if (epm_platform_open(&platform, &room)) {
    epm_exit_run(&platform, &checked, asked, block, epm_block_size(asked), &answer);
    *indicator = answer.allow == 1 ? EPM_ALLOW : EPM_REJECT;
  }
#ifdef __ILEC400__
#pragma disable_handler
  return;
fault:
  *indicator = EPM_REJECT;
  epm_entry_fault(asked, block);
#endif
}
