/*
 * Throws hostile images and blocks at the exit program, under sanitizers. Arguments: a file with
 * a sound image, a seed, how many cases, and 1 to leave the checksums wrong.
 *
 * Each case changes some bytes of the image, most often whole aligned numbers to values that
 * bounds are missed by, seals it again so that the reader goes in deep, puts it into a buffer of
 * exactly its size, and answers random blocks by it. A fault ends this program, and so does an
 * answer that a damaged image must not give.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "epm_exit.h"

typedef struct {
  const epm_u8 *space;
  epm_u32 space_size;
  epm_u32 server;
  const epm_u8 *block;
  epm_u32 block_length;
  epm_u32 has_facts;
  epm_facts facts;
} request_t;

extern void epm_host_run(const request_t *request, epm_cache *cache, void *record, void *context,
                         epm_u32 *counters, epm_answer *answer);
extern epm_u32 epm_host_size(epm_u32 which);

static epm_u32 state;

static epm_u32 next(epm_u32 below)
{
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return below ? state % below : 0;
}

static void put32(epm_u8 *at, epm_u32 value)
{
  at[0] = (epm_u8)(value >> 24);
  at[1] = (epm_u8)(value >> 16);
  at[2] = (epm_u8)(value >> 8);
  at[3] = (epm_u8)value;
}

static void seal(epm_u8 *image, epm_u32 length)
{
  put32(image + EPM_H_BODY_CRC, epm_crc32(image + EPM_HEADER_SIZE, length - EPM_HEADER_SIZE, 0));
  put32(image + EPM_H_HEADER_CRC, 0);
  put32(image + EPM_H_HEADER_CRC, epm_crc32(image, EPM_HEADER_SIZE, 0));
}

static void change(epm_u8 *image, epm_u32 length)
{
  epm_u32 values[] = {0, 1, 0xFFFFFFFFu, 0x7FFFFFFFu, 0x80000000u, length, length - 1, length - 4,
                      0xFF000000u, 0xFFFFFFu, 256, 65536, EPM_MAX_BOXES};
  /* Half of the changes hit the header's sections and the records that lie near the front. */
  epm_u32 at = next(2) ? EPM_H_CONFIG + next(48) : next(length);
  if (next(3) == 0) {
    image[at] = (epm_u8)next(256);
  } else if ((at & ~3u) + 4 <= length) {
    epm_u32 value = next(4) ? values[next(13)] : next(length);
    put32(image + (at & ~3u), value);
  }
}

static epm_u32 random_block(epm_u8 *block, epm_u32 server)
{
  static const epm_u8 begins[4][6] = {
      {0, 0, 0, 16, 0, 2}, {0, 0, 0, 28, 0, 24}, {0, 0, 0, 16, 0, 24}, {0xFF, 0xFF, 0xFF, 0xFF, 0, 2}};
  epm_u32 size = server == EPM_LISTEN ? 36 : server == EPM_CONNECT ? 64 : 96, i;
  for (i = 0; i < size; i++) {
    block[i] = next(3) ? 0 : (epm_u8)next(256);
  }
  for (i = size % 32; i < size; i += 32) {
    memcpy(block + i, begins[next(8) ? next(2) : next(4)], 6);
  }
  return next(20) ? size : next(size + 1);
}

static epm_text random_text(epm_u8 *room)
{
  epm_text text;
  epm_u32 i;
  text.bytes = room;
  text.length = next(5) ? next(12) : next(900);
  for (i = 0; i < text.length; i++) {
    room[i] = (epm_u8)(next(2) ? 0xC1 + next(9) : next(256));
  }
  return text;
}

static void answer_one(epm_u8 *space, epm_u32 size, epm_u32 *statuses)
{
  static epm_u8 rooms[7][900];
  epm_u8 block[96];
  epm_text groups[4];
  epm_cache cache;
  epm_answer answer;
  request_t request;
  epm_u32 i;

  memset(&cache, 0, sizeof cache);
  memset(&request, 0, sizeof request);
  request.space = space;
  request.space_size = size;
  request.server = next(3);
  request.block_length = random_block(block, request.server);
  request.block = block;
  request.has_facts = next(50) != 0;
  request.facts.user = random_text(rooms[0]);
  request.facts.job = random_text(rooms[1]);
  if (next(3)) {
    request.facts.program = random_text(rooms[2]);
  }
  request.facts.group_count = next(5);
  for (i = 0; i < 4; i++) {
    groups[i] = random_text(rooms[3 + i]);
  }
  request.facts.groups = next(4) ? groups : 0;
  request.facts.year = 2026;
  request.facts.month = (epm_u8)next(14);
  request.facts.day = (epm_u8)next(32);
  request.facts.hour = (epm_u8)next(25);
  request.facts.minute = (epm_u8)next(61);
  epm_host_run(&request, &cache, 0, 0, 0, &answer);
  if (answer.allow > 1 || (answer.allow && answer.status != EPM_OK && answer.status != EPM_LIMIT &&
                           answer.status != EPM_NO_FACTS)) {
    fprintf(stderr, "allowed with status %u\n", answer.status);
    abort();
  }
  statuses[answer.status]++;
}

int main(int argc, char **argv)
{
  static epm_u8 image[1 << 20];
  epm_u32 statuses[6] = {0}, length, size, count, i, n;
  FILE *file = fopen(argv[1], "rb");
  int unsealed = argc > 4;

  if (file == 0 || epm_host_size(0) != sizeof(request_t)) {
    return 2;
  }
  length = (epm_u32)fread(image, 1, sizeof image, file);
  fclose(file);
  state = (epm_u32)strtoul(argv[2], 0, 10) | 1;
  count = (epm_u32)strtoul(argv[3], 0, 10);
  for (n = 0; n < count; n++) {
    epm_u8 *space, *slot;
    size = EPM_CONTROL_SIZE + length;
    space = malloc(size); /* of exactly this size: a byte beyond it is a fault */
    slot = space + EPM_CONTROL_SIZE;
    memset(space, 0, EPM_CONTROL_SIZE);
    memcpy(space, "EPMSPACE", 8);
    space[9] = 1;
    put32(space + EPM_P_CAPACITY, length);
    put32(space + EPM_P_SLOT0, EPM_CONTROL_SIZE);
    put32(space + EPM_P_SLOT1, EPM_CONTROL_SIZE);
    put32(space + EPM_P_CRC, epm_crc32(space, EPM_P_CRC, 0));
    memcpy(slot, image, length);
    for (i = next(6); i > 0; i--) {
      change(slot, length);
    }
    if (next(20) == 0) {
      put32(slot + EPM_H_LENGTH, next(length + 8));
    }
    if (!unsealed && EPM_GET32(slot + EPM_H_LENGTH) == length) {
      seal(slot, length);
    }
    if (next(50) == 0) {
      put32(space + next(EPM_CONTROL_SIZE - 4), next(0xFFFFFFFFu));
    }
    for (i = 0; i < 4; i++) {
      answer_one(space, size, statuses);
    }
    free(space);
  }
  for (i = 0; i < 6; i++) {
    printf("%u ", statuses[i]);
  }
  printf("\n");
  return 0;
}
