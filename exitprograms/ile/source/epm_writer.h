/* Writing text in the image's character set into a bounded buffer. */
#ifndef EPM_WRITER_H
#define EPM_WRITER_H

#include "epm_call.h"
#include "epm_image.h"

typedef struct {
  epm_u8 *bytes;
  epm_u32 capacity;
  epm_u32 length;
  int overflow;             /* something did not fit; what is there is not whole */
  const epm_u8 *from_ascii; /* 128 bytes */
  const epm_u8 *unicode;    /* 256 u16; 0: by way of from_ascii */
  int utf8;
} epm_writer;

/* `image` may be 0: the characters are those of CCSID 37 then. */
void epm_writer_open(epm_writer *writer, epm_u8 *bytes, epm_u32 capacity, const epm_image *image);

void epm_put_raw(epm_writer *writer, const epm_u8 *bytes, epm_u32 length);
void epm_put(epm_writer *writer, const epm_u8 *ascii, epm_u32 length);
void epm_put_one(epm_writer *writer, epm_u8 ascii);
void epm_put_number(epm_writer *writer, epm_u64 number, unsigned digits);
void epm_put_signed(epm_writer *writer, epm_i32 number);

/* An address as text: dotted decimal, or the canonical form of IPv6. */
void epm_put_address(epm_writer *writer, const epm_end *end);

/* A text of the job as a JSON string of ASCII characters; null where it is missing. */
void epm_put_json(epm_writer *writer, const epm_text *text);

/* A text as it is, what could run a terminal shown as an escape. */
void epm_put_shown(epm_writer *writer, const epm_text *text);

/* Blanks up to `end`, or cut to it. */
void epm_pad_to(epm_writer *writer, epm_u32 end);

void epm_put_u16(epm_writer *writer, epm_u32 value);
void epm_put_u32(epm_writer *writer, epm_u32 value);

#endif
