/* The exit program of QIBM_QSO_LISTEN, format LSTN0100. */
#include "epm_call.h"
#include "epm_entry.h"

int main(int argc, char **argv)
{
  epm_entry(EPM_LISTEN, argc, argv);
  return 0;
}
