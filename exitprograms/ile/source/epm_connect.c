/* The exit program of QIBM_QSO_CONNECT, format CONN0100. */
#include "epm_call.h"
#include "epm_entry.h"

int main(int argc, char **argv)
{
  epm_entry(EPM_CONNECT, argc, argv);
  return 0;
}
