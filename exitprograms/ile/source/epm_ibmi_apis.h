/*
 * The IBM i interfaces that the exit programs call, declared here so that one page shows them.
 *
 * Source: IBM documentation of each API. All are programs called with every parameter by
 * reference (OS linkage). Characters are EBCDIC, integers big-endian Binary(4).
 *
 * INVARIANT: none of them waits for a lock of the user space that a deployment writes: QUSCHGUS
 * takes *EXCLRD, so neither QUSRTVUS nor QUSRUSAT (*SHRNUP) may be among them. QUSPTRUS takes
 * none, and gives its pointer whoever has a lock.
 */
#ifndef EPM_IBMI_APIS_H
#define EPM_IBMI_APIS_H

#include "epm_types.h"

/* Error code structure, format ERRC0100, of 16 bytes: with room given, an API reports here and
   sends no escape message. */
typedef struct {
  epm_i32 provided;
  epm_i32 available; /* 0: it succeeded */
  epm_u8 message_id[7];
  epm_u8 reserved;
} epm_error_code;

/* An error code's first value: empty, with room for what an API reports. */
#define EPM_ERROR_ROOM {(epm_i32)sizeof(epm_error_code), 0, {0}, 0}

#ifdef __ILEC400__
#pragma linkage(QUSPTRUS, OS, nowiden)
#pragma linkage(QSYRUSRI, OS, nowiden)
#pragma linkage(QUSRJOBI, OS, nowiden)
#pragma linkage(QWCCVTDT, OS, nowiden)
#pragma linkage(QWVRCSTK, OS, nowiden)
#pragma linkage(QJOSJRNE, OS, nowiden)
#pragma linkage(QMHSNDM, OS, nowiden)
#pragma linkage(QSNDDTAQ, OS, nowiden)
#endif

/* Retrieve pointer to user space: qualified name, pointer, error code. */
void QUSPTRUS(const void *name, void **pointer, epm_error_code *error);
/* Retrieve user information: receiver, its length, format, user profile, error code. */
void QSYRUSRI(void *receiver, const epm_i32 *length, const void *format, const void *user,
              epm_error_code *error);
/* Retrieve job information: receiver, its length, format, job, internal job, error code. */
void QUSRJOBI(void *receiver, const epm_i32 *length, const void *format, const void *job,
              const void *internal, epm_error_code *error);
/* Convert date and time: input format, input, output format, output, error code. */
void QWCCVTDT(const void *from, const void *input, const void *to, void *output,
              epm_error_code *error);
/* Retrieve call stack: receiver, its length, format, job, its format, error code. */
void QWVRCSTK(void *receiver, const epm_i32 *length, const void *format, const void *job,
              const void *job_format, epm_error_code *error);
/* Send journal entry: journal, entry information, data, its length, error code. */
void QJOSJRNE(const void *journal, const void *information, const void *data,
              const epm_i32 *length, epm_error_code *error);
/* Send nonprogram message: identifier, file, text, its length, type, queues, how many, reply
   queue, key, error code. */
void QMHSNDM(const void *identifier, const void *file, const void *text, const epm_i32 *length,
             const void *type, const void *queues, const epm_i32 *count, const void *reply,
             void *key, epm_error_code *error);
/* Send to data queue: name, library, length Packed(5,0), data. Failure is an escape message. */
void QSNDDTAQ(const void *name, const void *library, const void *length, const void *data);

#endif
