/*
 * Integers and the errors of the exit programs, the same on ILE C and elsewhere.
 *
 * Portable C99 without its library's allocation, strings or locale. Not one character or string
 * literal stands in these sources: every character is an explicit byte (epm_words.h), so the
 * compiler's own character set never matters.
 */
#ifndef EPM_TYPES_H
#define EPM_TYPES_H

typedef unsigned char epm_u8;
typedef unsigned short epm_u16;
typedef unsigned int epm_u32;
typedef unsigned long long epm_u64;
typedef signed int epm_i32;

/* Big-endian reads and writes of bytes at any alignment. */
#define EPM_GET16(p) ((epm_u16)(((epm_u32)(p)[0] << 8) | (epm_u32)(p)[1]))
#define EPM_GET32(p)                                                                            \
  (((epm_u32)(p)[0] << 24) | ((epm_u32)(p)[1] << 16) | ((epm_u32)(p)[2] << 8) | (epm_u32)(p)[3])
#define EPM_GET64(p) (((epm_u64)EPM_GET32(p) << 32) | (epm_u64)EPM_GET32((p) + 4))

/* Storage that others write at the same time is read in the order that stands here. Processors
   of IBM i may otherwise read ahead (IBM documentation: Storage Synchronization Concepts). */
#ifdef __ILEC400__
#include <mih/syncstg.h>
#define EPM_FENCE() _SYNCSTG(0)
#else
#define EPM_FENCE() __atomic_thread_fence(__ATOMIC_ACQ_REL)
#endif

typedef enum {
  EPM_OK = 0,
  EPM_DAMAGED = 1,   /* the image is not what its layout says: it is never trusted */
  EPM_LIMIT = 2,     /* the call holds more than the reader takes */
  EPM_MALFORMED = 3, /* the block is not what its format says */
  EPM_NO_RULES = 4,  /* no slot of the user space holds a sound image */
  EPM_NO_FACTS = 5,  /* the platform could not say who calls */
  EPM_FAULT = 6      /* the program was interrupted by an exception */
} epm_status;

#endif
