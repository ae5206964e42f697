/*
 * The three programs' way in: IBM i calls them with two parameters by reference, the block and
 * the one-character return indicator.
 *
 * How they are made on IBM i (library EPM; docs/ibmi.md has the whole):
 *
 *   CRTCMOD MODULE(EPM/x) SRCSTMF('.../x.c') DBGVIEW(*NONE) OPTIMIZE(40) LANGLVL(*EXTENDED)
 *           INCDIR('...') SYSIFCOPT(*NOIFSIO) STGMDL(*INHERIT) TERASPACE(*YES) TGTRLS(*CURRENT)
 *           for each source but epm_platform_host.c
 *   CRTPGM  PGM(EPM/EPMACCEPT) MODULE(EPM/EPMACCEPT EPM/EPMENTRY ...) ACTGRP(*CALLER)
 *           USRPRF(*OWNER) AUT(*USE) ALWUPD(*NO) STGMDL(*INHERIT)
 *   ADDEXITPGM ... THDSAFE(*YES)
 *
 * USRPRF(*OWNER): the user space of the rules is *EXCLUDE to the public, and the owner's
 * authority, adopted, reads it. ACTGRP(*CALLER): no activation group is made and ended for each
 * call, and static storage lasts as long as the job's. STGMDL(*INHERIT): any job's socket call
 * may be asked about, and a single-level program cannot be activated in a caller's teraspace
 * activation group (IBM documentation: ILE Concepts, Selecting a Compatible Activation Group);
 * its pointers are of 16 bytes in both, so a user space's pointer fits. THDSAFE: the only static
 * storage is written one aligned word at a time.
 */
#ifndef EPM_ENTRY_H
#define EPM_ENTRY_H

#include "epm_platform.h"

/* The indicator's characters. EBCDIC, unless this is built for a caller that speaks ASCII. */
#ifdef EPM_ASCII_INDICATOR
#define EPM_ALLOW 0x30
#define EPM_REJECT 0x31
#else
#define EPM_ALLOW 0xF0
#define EPM_REJECT 0xF1
#endif

/* Answer a call: argv[1] is the block, argv[2] the indicator. */
void epm_entry(unsigned server, int argc, char **argv);

/* Record a fault that ended a call, after its indicator says reject. What fails here too is let
   be: the job log has the message of the first. */
void epm_entry_fault(unsigned server, const epm_u8 *block);

#endif
