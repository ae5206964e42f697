/*
 * The three programs' way in: IBM i calls them with two parameters by reference, the block and
 * the one-character return indicator.
 *
 * How they are made on IBM i (library EPM; docs/ibmi.md has the whole):
 *
 *   CRTCMOD MODULE(EPM/x) SRCSTMF('.../x.c') DBGVIEW(*NONE) OPTIMIZE(40) LANGLVL(*EXTENDED)
 *           INCDIR('...') SYSIFCOPT(*NOIFSIO) STGMDL(*SNGLVL) TERASPACE(*NO) TGTRLS(*CURRENT)
 *           for each source but epm_platform_host.c
 *   CRTPGM  PGM(EPM/EPMACCEPT) MODULE(EPM/EPMACCEPT EPM/EPMENTRY ...) ACTGRP(*CALLER)
 *           USRPRF(*OWNER) AUT(*USE) ALWUPD(*NO) STGMDL(*SNGLVL)
 *   ADDEXITPGM ... THDSAFE(*YES)
 *
 * USRPRF(*OWNER): the user space of the rules is *EXCLUDE to the public, and the owner's
 * authority, adopted, reads it. STGMDL(*SNGLVL): a user space is reached by a single-level
 * pointer, which no teraspace pointer could hold. ACTGRP(*CALLER): no activation group is made
 * and ended for each call, and static storage lasts as long as the job's. THDSAFE: the only
 * static storage is written one aligned word at a time.
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

#endif
