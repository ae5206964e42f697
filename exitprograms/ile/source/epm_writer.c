/* Writing text in the image's character set. ASCII characters are given as their numbers. */
#include <string.h>

#include "epm_words.h"
#include "epm_writer.h"

#define A_QUOTE 0x22
#define A_DOT 0x2E
#define A_MINUS 0x2D
#define A_ZERO 0x30
#define A_COLON 0x3A
#define A_QUESTION 0x3F
#define A_BACKSLASH 0x5C
#define A_U 0x75
#define A_BLANK 0x20

void epm_writer_open(epm_writer *writer, epm_u8 *bytes, epm_u32 capacity, const epm_image *image)
{
  memset(writer, 0, sizeof *writer);
  writer->bytes = bytes;
  writer->capacity = capacity;
  writer->from_ascii = epm_ascii_to_37;
  if (image != 0) {
    writer->from_ascii = image->charset + EPM_S_FROM_ASCII;
    writer->unicode = image->charset + EPM_S_UNICODE;
    writer->utf8 = image->charset[EPM_S_KIND] == EPM_UTF8;
  }
}

void epm_put_raw(epm_writer *writer, const epm_u8 *bytes, epm_u32 length)
{
  if (length > writer->capacity - writer->length) {
    writer->overflow = 1;
    return;
  }
  if (length > 0) {
    memcpy(writer->bytes + writer->length, bytes, length);
  }
  writer->length += length;
}

void epm_put_one(epm_writer *writer, epm_u8 ascii)
{
  epm_put_raw(writer, writer->from_ascii + (ascii & 0x7F), 1);
}

void epm_put(epm_writer *writer, const epm_u8 *ascii, epm_u32 length)
{
  epm_u32 i;
  for (i = 0; i < length; i++) {
    epm_put_one(writer, ascii[i]);
  }
}

void epm_put_number(epm_writer *writer, epm_u64 number, unsigned digits)
{
  epm_u8 text[20];
  unsigned count = 0;
  do {
    text[count++] = (epm_u8)(A_ZERO + number % 10);
    number /= 10;
  } while (number != 0);
  while (digits > count) {
    epm_put_one(writer, A_ZERO);
    digits--;
  }
  if (digits != 0 && count > digits) {
    count = digits; /* a zoned number keeps its last digits */
  }
  while (count > 0) {
    epm_put_one(writer, text[--count]);
  }
}

void epm_put_signed(epm_writer *writer, epm_i32 number)
{
  epm_u64 size = (epm_u64)number;
  if (number < 0) {
    epm_put_one(writer, A_MINUS);
    size = (epm_u64)0 - (epm_u64)(long long)number;
  }
  epm_put_number(writer, size, 0);
}

static void put_hex(epm_writer *writer, epm_u32 value, unsigned digits)
{
  int leading = digits == 0;
  int shift;
  for (shift = digits == 0 ? 12 : (int)digits * 4 - 4; shift >= 0; shift -= 4) {
    epm_u32 digit = (value >> shift) & 15;
    if (!leading || digit != 0 || shift == 0) {
      leading = 0;
      epm_put_one(writer, epm_t_hex[digit]);
    }
  }
}

/* The longest run of two zero groups or more, the first of equal ones; `length` 0 for none. */
static unsigned longest_run(const epm_u16 *groups, unsigned *length)
{
  unsigned best = 0, i, run = 0;
  *length = 0;
  for (i = 0; i < 8; i++) {
    run = groups[i] == 0 ? run + 1 : 0;
    if (run > *length && run > 1) {
      *length = run;
      best = i + 1 - run;
    }
  }
  return best;
}

static void put_v6(epm_writer *writer, const epm_u8 *address)
{
  epm_u16 groups[8];
  unsigned i, first, length;
  for (i = 0; i < 8; i++) {
    groups[i] = EPM_GET16(address + 2 * i);
  }
  first = longest_run(groups, &length);
  for (i = 0; i < 8; i++) {
    if (length > 0 && i == first) {
      epm_put_one(writer, A_COLON);
      epm_put_one(writer, A_COLON);
      i += length - 1;
      continue;
    }
    if (i > 0 && !(length > 0 && i == first + length)) {
      epm_put_one(writer, A_COLON);
    }
    put_hex(writer, groups[i], 0);
  }
}

void epm_put_address(epm_writer *writer, const epm_end *end)
{
  unsigned i;
  if (end->family == 6) {
    put_v6(writer, end->address);
    return;
  }
  for (i = 12; i < 16; i++) {
    if (i > 12) {
      epm_put_one(writer, A_DOT);
    }
    epm_put_number(writer, end->address[i], 0);
  }
}

static epm_u32 from_table(const epm_writer *writer, epm_u8 byte)
{
  epm_u32 i;
  if (writer->unicode != 0) {
    return EPM_GET16(writer->unicode + 2 * (size_t)byte);
  }
  for (i = 0; i < 128; i++) {
    if (writer->from_ascii[i] == byte) {
      return i;
    }
  }
  return A_QUESTION;
}

/* The character at `*at`, which is moved past it. A broken sequence gives its bytes' numbers, so
   that nothing hides in one. */
static epm_u32 next_character(const epm_writer *writer, const epm_text *text, epm_u32 *at)
{
  epm_u8 lead = text->bytes[(*at)++];
  unsigned more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0, i;
  epm_u32 character = lead & (0x3Fu >> more);
  if (!writer->utf8) {
    return from_table(writer, lead);
  }
  if (more == 0 || text->length - *at < more) {
    return lead;
  }
  for (i = 0; i < more; i++) {
    epm_u8 byte = text->bytes[*at + i];
    if ((byte & 0xC0) != 0x80) {
      return lead;
    }
    character = character << 6 | (byte & 0x3Fu);
  }
  *at += more;
  return character;
}

static void put_escape(epm_writer *writer, epm_u32 character)
{
  epm_put_one(writer, A_BACKSLASH);
  epm_put_one(writer, A_U);
  put_hex(writer, character, 4);
}

/* The letter of JSON's short escapes, or 0. */
static epm_u8 short_escape(epm_u32 character)
{
  switch (character) {
  case 0x08:
    return 0x62;
  case 0x09:
    return 0x74;
  case 0x0A:
    return 0x6E;
  case 0x0C:
    return 0x66;
  case 0x0D:
    return 0x72;
  case A_QUOTE:
  case A_BACKSLASH:
    return (epm_u8)character;
  default:
    return 0;
  }
}

void epm_put_json(epm_writer *writer, const epm_text *text)
{
  epm_u32 at = 0;
  if (text->bytes == 0) {
    epm_put(writer, EPM_W(null));
    return;
  }
  epm_put_one(writer, A_QUOTE);
  while (at < text->length && !writer->overflow) {
    epm_u32 character = next_character(writer, text, &at);
    epm_u8 letter = short_escape(character);
    if (letter != 0) {
      epm_put_one(writer, A_BACKSLASH);
      epm_put_one(writer, letter);
    } else if (character >= 0x20 && character < 0x7F) {
      epm_put_one(writer, (epm_u8)character);
    } else if (character > 0xFFFF) {
      put_escape(writer, 0xD800 + ((character - 0x10000) >> 10));
      put_escape(writer, 0xDC00 + ((character - 0x10000) & 0x3FF));
    } else {
      put_escape(writer, character);
    }
  }
  epm_put_one(writer, A_QUOTE);
}

void epm_put_shown(epm_writer *writer, const epm_text *text)
{
  epm_u32 at = 0;
  while (text->bytes != 0 && at < text->length && !writer->overflow) {
    epm_u32 begun = at;
    epm_u32 character = next_character(writer, text, &at);
    if (character < 0x20 || (character >= 0x7F && character < 0xA0)) {
      put_escape(writer, character);
    } else {
      epm_put_raw(writer, text->bytes + begun, at - begun);
    }
  }
}

void epm_pad_to(epm_writer *writer, epm_u32 end)
{
  if (writer->length > end) {
    writer->length = end;
  }
  while (writer->length < end && !writer->overflow) {
    epm_put_one(writer, A_BLANK);
  }
}

void epm_put_u16(epm_writer *writer, epm_u32 value)
{
  epm_u8 bytes[2];
  bytes[0] = (epm_u8)(value >> 8);
  bytes[1] = (epm_u8)value;
  epm_put_raw(writer, bytes, 2);
}

void epm_put_u32(epm_writer *writer, epm_u32 value)
{
  epm_put_u16(writer, value >> 16);
  epm_put_u16(writer, value & 0xFFFF);
}
