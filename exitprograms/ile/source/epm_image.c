/* Opening rule images and choosing one in a user space. */
#include <string.h>

#include "epm_image.h"
#include "epm_words.h"

/* CRC-32 of IEEE 802.3, reflected polynomial EDB88320: what each byte adds. */
static const epm_u32 crc_of_byte[256] = {
    0x00000000u, 0x77073096u, 0xEE0E612Cu, 0x990951BAu, 0x076DC419u, 0x706AF48Fu,
    0xE963A535u, 0x9E6495A3u, 0x0EDB8832u, 0x79DCB8A4u, 0xE0D5E91Eu, 0x97D2D988u,
    0x09B64C2Bu, 0x7EB17CBDu, 0xE7B82D07u, 0x90BF1D91u, 0x1DB71064u, 0x6AB020F2u,
    0xF3B97148u, 0x84BE41DEu, 0x1ADAD47Du, 0x6DDDE4EBu, 0xF4D4B551u, 0x83D385C7u,
    0x136C9856u, 0x646BA8C0u, 0xFD62F97Au, 0x8A65C9ECu, 0x14015C4Fu, 0x63066CD9u,
    0xFA0F3D63u, 0x8D080DF5u, 0x3B6E20C8u, 0x4C69105Eu, 0xD56041E4u, 0xA2677172u,
    0x3C03E4D1u, 0x4B04D447u, 0xD20D85FDu, 0xA50AB56Bu, 0x35B5A8FAu, 0x42B2986Cu,
    0xDBBBC9D6u, 0xACBCF940u, 0x32D86CE3u, 0x45DF5C75u, 0xDCD60DCFu, 0xABD13D59u,
    0x26D930ACu, 0x51DE003Au, 0xC8D75180u, 0xBFD06116u, 0x21B4F4B5u, 0x56B3C423u,
    0xCFBA9599u, 0xB8BDA50Fu, 0x2802B89Eu, 0x5F058808u, 0xC60CD9B2u, 0xB10BE924u,
    0x2F6F7C87u, 0x58684C11u, 0xC1611DABu, 0xB6662D3Du, 0x76DC4190u, 0x01DB7106u,
    0x98D220BCu, 0xEFD5102Au, 0x71B18589u, 0x06B6B51Fu, 0x9FBFE4A5u, 0xE8B8D433u,
    0x7807C9A2u, 0x0F00F934u, 0x9609A88Eu, 0xE10E9818u, 0x7F6A0DBBu, 0x086D3D2Du,
    0x91646C97u, 0xE6635C01u, 0x6B6B51F4u, 0x1C6C6162u, 0x856530D8u, 0xF262004Eu,
    0x6C0695EDu, 0x1B01A57Bu, 0x8208F4C1u, 0xF50FC457u, 0x65B0D9C6u, 0x12B7E950u,
    0x8BBEB8EAu, 0xFCB9887Cu, 0x62DD1DDFu, 0x15DA2D49u, 0x8CD37CF3u, 0xFBD44C65u,
    0x4DB26158u, 0x3AB551CEu, 0xA3BC0074u, 0xD4BB30E2u, 0x4ADFA541u, 0x3DD895D7u,
    0xA4D1C46Du, 0xD3D6F4FBu, 0x4369E96Au, 0x346ED9FCu, 0xAD678846u, 0xDA60B8D0u,
    0x44042D73u, 0x33031DE5u, 0xAA0A4C5Fu, 0xDD0D7CC9u, 0x5005713Cu, 0x270241AAu,
    0xBE0B1010u, 0xC90C2086u, 0x5768B525u, 0x206F85B3u, 0xB966D409u, 0xCE61E49Fu,
    0x5EDEF90Eu, 0x29D9C998u, 0xB0D09822u, 0xC7D7A8B4u, 0x59B33D17u, 0x2EB40D81u,
    0xB7BD5C3Bu, 0xC0BA6CADu, 0xEDB88320u, 0x9ABFB3B6u, 0x03B6E20Cu, 0x74B1D29Au,
    0xEAD54739u, 0x9DD277AFu, 0x04DB2615u, 0x73DC1683u, 0xE3630B12u, 0x94643B84u,
    0x0D6D6A3Eu, 0x7A6A5AA8u, 0xE40ECF0Bu, 0x9309FF9Du, 0x0A00AE27u, 0x7D079EB1u,
    0xF00F9344u, 0x8708A3D2u, 0x1E01F268u, 0x6906C2FEu, 0xF762575Du, 0x806567CBu,
    0x196C3671u, 0x6E6B06E7u, 0xFED41B76u, 0x89D32BE0u, 0x10DA7A5Au, 0x67DD4ACCu,
    0xF9B9DF6Fu, 0x8EBEEFF9u, 0x17B7BE43u, 0x60B08ED5u, 0xD6D6A3E8u, 0xA1D1937Eu,
    0x38D8C2C4u, 0x4FDFF252u, 0xD1BB67F1u, 0xA6BC5767u, 0x3FB506DDu, 0x48B2364Bu,
    0xD80D2BDAu, 0xAF0A1B4Cu, 0x36034AF6u, 0x41047A60u, 0xDF60EFC3u, 0xA867DF55u,
    0x316E8EEFu, 0x4669BE79u, 0xCB61B38Cu, 0xBC66831Au, 0x256FD2A0u, 0x5268E236u,
    0xCC0C7795u, 0xBB0B4703u, 0x220216B9u, 0x5505262Fu, 0xC5BA3BBEu, 0xB2BD0B28u,
    0x2BB45A92u, 0x5CB36A04u, 0xC2D7FFA7u, 0xB5D0CF31u, 0x2CD99E8Bu, 0x5BDEAE1Du,
    0x9B64C2B0u, 0xEC63F226u, 0x756AA39Cu, 0x026D930Au, 0x9C0906A9u, 0xEB0E363Fu,
    0x72076785u, 0x05005713u, 0x95BF4A82u, 0xE2B87A14u, 0x7BB12BAEu, 0x0CB61B38u,
    0x92D28E9Bu, 0xE5D5BE0Du, 0x7CDCEFB7u, 0x0BDBDF21u, 0x86D3D2D4u, 0xF1D4E242u,
    0x68DDB3F8u, 0x1FDA836Eu, 0x81BE16CDu, 0xF6B9265Bu, 0x6FB077E1u, 0x18B74777u,
    0x88085AE6u, 0xFF0F6A70u, 0x66063BCAu, 0x11010B5Cu, 0x8F659EFFu, 0xF862AE69u,
    0x616BFFD3u, 0x166CCF45u, 0xA00AE278u, 0xD70DD2EEu, 0x4E048354u, 0x3903B3C2u,
    0xA7672661u, 0xD06016F7u, 0x4969474Du, 0x3E6E77DBu, 0xAED16A4Au, 0xD9D65ADCu,
    0x40DF0B66u, 0x37D83BF0u, 0xA9BCAE53u, 0xDEBB9EC5u, 0x47B2CF7Fu, 0x30B5FFE9u,
    0xBDBDF21Cu, 0xCABAC28Au, 0x53B39330u, 0x24B4A3A6u, 0xBAD03605u, 0xCDD70693u,
    0x54DE5729u, 0x23D967BFu, 0xB3667A2Eu, 0xC4614AB8u, 0x5D681B02u, 0x2A6F2B94u,
    0xB40BBE37u, 0xC30C8EA1u, 0x5A05DF1Bu, 0x2D02EF8Du};

epm_u32 epm_crc32(const epm_u8 *bytes, epm_u32 length, epm_u32 crc)
{
  epm_u32 i;
  crc = ~crc;
  for (i = 0; i < length; i++) {
    crc = crc_of_byte[(crc ^ bytes[i]) & 0xFF] ^ (crc >> 8);
  }
  return ~crc;
}

const epm_u8 *epm_image_part(const epm_image *image, epm_u32 offset, epm_u32 count, epm_u32 each)
{
  if (offset > image->length || count > (image->length - offset) / each) {
    return 0;
  }
  return image->bytes + offset;
}

static epm_u32 header_crc(const epm_u8 *header)
{
  static const epm_u8 zero[4] = {0, 0, 0, 0};
  epm_u32 crc = epm_crc32(header, EPM_H_HEADER_CRC, 0);
  crc = epm_crc32(zero, 4, crc);
  return epm_crc32(header + EPM_H_BODY_CRC, EPM_HEADER_SIZE - EPM_H_BODY_CRC, crc);
}

static epm_status open_sections(const epm_u8 *header, epm_image *image)
{
  image->config = epm_image_part(image, EPM_GET32(header + EPM_H_CONFIG), 1, EPM_CONFIG_SIZE);
  image->charset = epm_image_part(image, EPM_GET32(header + EPM_H_CHARSET), 1, EPM_CHARSET_SIZE);
  image->servers = epm_image_part(image, EPM_GET32(header + EPM_H_SERVERS), 3, EPM_SERVER_SIZE);
  image->pool_count = EPM_GET32(header + EPM_H_POOL_COUNT);
  image->pool =
      epm_image_part(image, EPM_GET32(header + EPM_H_POOL), image->pool_count, EPM_CHUNK_SIZE);
  image->entry_count = EPM_GET32(header + EPM_H_ENTRY_COUNT);
  image->entries =
      epm_image_part(image, EPM_GET32(header + EPM_H_ENTRIES), image->entry_count, EPM_ENTRY_SIZE);
  image->row_count = EPM_GET32(header + EPM_H_ROW_COUNT);
  image->rows =
      epm_image_part(image, EPM_GET32(header + EPM_H_ROWS), image->row_count, EPM_ROW_SIZE);
  if (!image->config || !image->charset || !image->servers || !image->pool || !image->entries ||
      !image->rows) {
    return EPM_DAMAGED;
  }
  if (image->charset[EPM_S_KIND] != EPM_SINGLE_BYTE && image->charset[EPM_S_KIND] != EPM_UTF8) {
    return EPM_DAMAGED;
  }
  return EPM_OK;
}

/* A number of the whole header, never 0. It only has to tell the header that was checked from
   one that is half written: it is no checksum, but takes a tenth of one's time. */
static epm_u32 mark_of(const epm_u8 *header)
{
  epm_u64 mark = 0;
  unsigned at;
  for (at = 0; at < EPM_HEADER_SIZE; at += 8) {
    mark = (mark ^ EPM_GET64(header + at)) * 0x9E3779B97F4A7C15ull;
    mark ^= mark >> 29;
  }
  return (epm_u32)(mark >> 32) | 1u;
}

epm_status epm_image_open(const epm_u8 *bytes, epm_u32 size, epm_u32 known, epm_image *image)
{
  const epm_u8 *header = image->header;

  memset(image, 0, sizeof *image);
  if (size < EPM_HEADER_SIZE) {
    return EPM_DAMAGED;
  }
  /* One copy is checked and read: a writer may be at the original meanwhile. */
  memcpy(image->header, bytes, EPM_HEADER_SIZE);
  EPM_FENCE(); /* the body is read after its header: a writer writes them the other way round */
  if (memcmp(header, epm_t_image_magic, 8) != 0 ||
      EPM_GET16(header + EPM_H_VERSION) != EPM_IMAGE_VERSION ||
      EPM_GET16(header + EPM_H_SIZE) != EPM_HEADER_SIZE) {
    return EPM_DAMAGED;
  }
  image->bytes = bytes;
  image->length = EPM_GET32(header + EPM_H_LENGTH);
  image->mark = mark_of(header);
  image->sequence = EPM_GET64(header + EPM_H_SEQUENCE);
  image->revision = EPM_GET64(header + EPM_H_REVISION);
  image->revision_known = header[EPM_H_FLAGS + 3] & 1;
  if (image->length < EPM_HEADER_SIZE || image->length > size) {
    return EPM_DAMAGED;
  }
  /* INVARIANT: every byte of a header was checked before one is believed. The mark is of them
     all; the checksum that stands in the header would also stand in one that is half blanked. */
  if (known != image->mark && header_crc(header) != EPM_GET32(header + EPM_H_HEADER_CRC)) {
    return EPM_DAMAGED;
  }
  return open_sections(header, image);
}

int epm_image_is_whole(const epm_image *image)
{
  const epm_u8 *body = image->bytes + EPM_HEADER_SIZE;
  return epm_crc32(body, image->length - EPM_HEADER_SIZE, 0) ==
         EPM_GET32(image->header + EPM_H_BODY_CRC);
}

int epm_image_is_current(const epm_image *image)
{
  EPM_FENCE(); /* the header is read again after everything else */
  return memcmp(image->bytes, image->header, EPM_HEADER_SIZE) == 0;
}

/* The slot's first byte, or 0 where the control record is damaged or the slot is not inside. */
static const epm_u8 *slot_at(const epm_u8 *space, epm_u32 size, unsigned slot, epm_u32 *capacity)
{
  epm_u32 offset;
  if (size < EPM_CONTROL_SIZE || memcmp(space, epm_t_space_magic, 8) != 0 ||
      EPM_GET16(space + EPM_P_VERSION) != EPM_IMAGE_VERSION ||
      epm_crc32(space, EPM_P_CRC, 0) != EPM_GET32(space + EPM_P_CRC)) {
    return 0;
  }
  *capacity = EPM_GET32(space + EPM_P_CAPACITY);
  offset = EPM_GET32(space + (slot == 0 ? EPM_P_SLOT0 : EPM_P_SLOT1));
  if (offset > size || *capacity > size - offset) {
    return 0;
  }
  return space + offset;
}

static int is_checked(const epm_image *image, epm_cache *cache, unsigned slot)
{
  if (cache->checked[slot] == image->mark) {
    EPM_FENCE(); /* what another thread checked is read after it said so */
    return 1;
  }
  if (!epm_image_is_whole(image)) {
    return 0;
  }
  EPM_FENCE();
  cache->checked[slot] = image->mark;
  return 1;
}

epm_status epm_space_open(const epm_u8 *space, epm_u32 size, epm_cache *cache, unsigned *refused,
                          epm_image *image, unsigned *slot, int *fell_back)
{
  epm_image found[2];
  int usable[2];
  unsigned i, first;
  epm_u32 capacity = 0;

  *fell_back = *refused != 0;
  for (i = 0; i < 2; i++) {
    const epm_u8 *at = slot_at(space, size, i, &capacity);
    usable[i] = 0;
    if (at != 0 && !(*refused & (1u << i))) {
      usable[i] = epm_image_open(at, capacity, cache->checked[i], &found[i]) == EPM_OK;
      /* A slot whose header is zero is empty or being written, which is not damage. */
      *fell_back |= !usable[i] && capacity >= 8 && EPM_GET64(at) != 0;
    }
  }
  first = usable[1] && (!usable[0] || found[1].sequence > found[0].sequence) ? 1 : 0;
  for (i = 0; i < 2; i++) {
    *slot = first ^ i;
    if (usable[*slot] && is_checked(&found[*slot], cache, *slot)) {
      *image = found[*slot];
      return EPM_OK;
    }
    /* Damaged, unless a writer came round to it while it was read. */
    if (usable[*slot] && epm_image_is_current(&found[*slot])) {
      *refused |= 1u << *slot;
    }
    *fell_back |= usable[*slot];
  }
  return EPM_NO_RULES;
}
