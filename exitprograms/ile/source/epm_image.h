/*
 * The rule image: layouts, as docs/rule-image.md describes them. Version 1.
 *
 * All integers are big-endian and unsigned. Every offset is 0-based from the first byte of the
 * image, so that the image may lie anywhere. The reader trusts no offset, count or index: each
 * is checked against the image before it is followed, and every loop is bounded by a checked
 * count. A hostile image gives EPM_DAMAGED, never a fault.
 */
#ifndef EPM_IMAGE_H
#define EPM_IMAGE_H

#include "epm_types.h"

#define EPM_IMAGE_VERSION 1

/* Header, 128 bytes; the body follows it. */
#define EPM_H_MAGIC 0          /* 8 bytes, EPMIMAGE in ASCII */
#define EPM_H_VERSION 8        /* u16 */
#define EPM_H_SIZE 10          /* u16, 128 */
#define EPM_H_LENGTH 12        /* u32, of the image with its header */
#define EPM_H_HEADER_CRC 16    /* u32, CRC-32 of the header, this field taken as zero */
#define EPM_H_BODY_CRC 20      /* u32, CRC-32 of the body */
#define EPM_H_SEQUENCE 24      /* u64, number of the publication in its user space */
#define EPM_H_REVISION 32      /* u64, revision of the rules */
#define EPM_H_FLAGS 40         /* u32, bit 0: the revision is known */
#define EPM_H_RESERVED 44      /* u32, zero */
#define EPM_H_DIGEST 48        /* 32 bytes, SHA-256 of the body */
#define EPM_H_CONFIG 80        /* u32, offset of the configuration record */
#define EPM_H_CHARSET 84       /* u32, offset of the character set record */
#define EPM_H_SERVERS 88       /* u32, offset of the three server records */
#define EPM_H_POOL 92          /* u32, offset of the chunks */
#define EPM_H_POOL_COUNT 96    /* u32 */
#define EPM_H_ENTRIES 100      /* u32, offset of the row entries */
#define EPM_H_ENTRY_COUNT 104  /* u32 */
#define EPM_H_ROWS 108         /* u32, offset of the rows */
#define EPM_H_ROW_COUNT 112    /* u32 */
#define EPM_H_RESERVED2 116    /* 12 bytes, zero */
#define EPM_HEADER_SIZE 128

/* Configuration record, 48 bytes; names in the image's character set, blank-padded. */
#define EPM_C_FAIL 0           /* u8, 1: open */
#define EPM_C_MODE 1           /* u8, 0 live, 1 test facility */
#define EPM_C_SYSTEM_LENGTH 2  /* u16, of the system's name as JSON text */
#define EPM_C_SYSTEM 4         /* u32, its offset */
#define EPM_C_QUEUE 8          /* 10 bytes, message queue */
#define EPM_C_JOURNAL 18       /* 10 bytes */
#define EPM_C_LIBRARY 28       /* 10 bytes, where both are */
#define EPM_C_RESERVED 38      /* 10 bytes, zero */
#define EPM_CONFIG_SIZE 48

/* Character set record, 1668 bytes. */
#define EPM_S_KIND 0           /* u8, EPM_SINGLE_BYTE or EPM_UTF8 */
#define EPM_S_RESERVED 1       /* u8, zero */
#define EPM_S_CCSID 2          /* u16, 1208 for UTF-8 */
#define EPM_S_FROM_ASCII 4     /* 128 bytes: ASCII -> byte */
#define EPM_S_UNICODE 132      /* 256 u16: byte -> Unicode (single byte only) */
#define EPM_S_FOLD 644         /* 256 times length (1..3), 3 bytes: byte -> upper case */
#define EPM_CHARSET_SIZE 1668
#define EPM_SINGLE_BYTE 1
#define EPM_UTF8 2

/* Server record, 40 bytes, in the order listen, connect, accept. */
#define EPM_V_ACTIVATED 0      /* u8 */
#define EPM_V_EVALUATES 1      /* u8, 0: every call is allowed without evaluation */
#define EPM_V_DIM_COUNT 2      /* u16 */
#define EPM_V_DIMS 4           /* u32, offset of the dimension records */
#define EPM_V_BOX_COUNT 8      /* u32 */
#define EPM_V_BOXES 12         /* u32, offset of u32 per box: index of its rule */
#define EPM_V_RULE_COUNT 16    /* u32, with the default rule, which is the last */
#define EPM_V_RULES 20         /* u32, offset of the rule records */
#define EPM_V_EVERY_ROW 24     /* u32, the row of all boxes */
#define EPM_V_RESERVED 28      /* 12 bytes, zero */
#define EPM_SERVER_SIZE 40

/* Rule record, 24 bytes. */
#define EPM_R_SEQUENCE 0       /* u32 */
#define EPM_R_ALLOW 4          /* u8 */
#define EPM_R_AUDIT 5          /* u8, effective, as are the next two */
#define EPM_R_MESSAGE 6        /* u8 */
#define EPM_R_CAPTURE 7        /* u8 */
#define EPM_R_NAME 8           /* u32, offset of the name in the image's character set */
#define EPM_R_NAME_LENGTH 12   /* u16, bytes; 0: it has no name */
#define EPM_R_JSON_LENGTH 14   /* u16 */
#define EPM_R_JSON 16          /* u32, offset of the name as JSON text, in ASCII */
#define EPM_R_IS_DEFAULT 20    /* u8 */
#define EPM_R_RESERVED 21      /* 3 bytes, zero */
#define EPM_RULE_SIZE 24

/* Dimension record, 48 bytes: a field that some box asks about. */
#define EPM_D_FIELD 0          /* u8, EPM_F_... */
#define EPM_D_KIND 1           /* u8, EPM_NUMBERS, EPM_ADDRESSES or EPM_NAMES */
#define EPM_D_FOLD 2           /* u8, names compare in upper case */
#define EPM_D_RESERVED 3       /* u8, zero */
#define EPM_D_FREE_ROW 4       /* u32, boxes that ask nothing here: a missing value admits them */
/* numbers and addresses: starts ascending, the first 0, then as many u32 rows */
#define EPM_D_COUNT 8          /* u32, of intervals; addresses: of IPv4 */
#define EPM_D_STARTS 12        /* u32, offset: u32 each */
#define EPM_D_COUNT6 16        /* u32, addresses: intervals of IPv6 */
#define EPM_D_STARTS6 20       /* u32, offset: 16 bytes each */
/* names */
#define EPM_D_BASE_ROW 8       /* u32, the free boxes and those with one negative condition */
#define EPM_D_SLOTS 12         /* u32, of the hash table: a power of two, or 0 */
#define EPM_D_HASH 16          /* u32, offset: u32 each, index of a name + 1, or 0 */
#define EPM_D_PROBES 20        /* u32, longest run of slots that a name needs */
#define EPM_D_NAME_COUNT 24    /* u32 */
#define EPM_D_NAMES 28         /* u32, offset of the name records */
#define EPM_D_LENGTH_COUNT 32  /* u32 */
#define EPM_D_LENGTHS 36       /* u32, offset: u16 each, the prefixes' lengths, ascending */
#define EPM_D_SET_COUNT 40     /* u32, of test sets */
#define EPM_D_SETS 44          /* u32, offset of the test set records */
#define EPM_DIM_SIZE 48

#define EPM_NUMBERS 1
#define EPM_ADDRESSES 2
#define EPM_NAMES 3

/* Name record, 16 bytes: a whole name or a prefix, and what it changes when it is met. */
#define EPM_N_TEXT 0           /* u32, offset */
#define EPM_N_LENGTH 4         /* u16 */
#define EPM_N_KIND 6           /* u8, EPM_WHOLE or EPM_PREFIX */
#define EPM_N_RESERVED 7       /* u8, zero */
#define EPM_N_MET_ROW 8        /* u32, boxes that it adds */
#define EPM_N_DENIED_ROW 12    /* u32, boxes that it takes away */
#define EPM_NAME_SIZE 16

/* Test set record, 12 bytes: boxes whose tests of this field are all to hold. */
#define EPM_T_ROW 0            /* u32, the boxes */
#define EPM_T_TESTS 4          /* u32, offset of the test records */
#define EPM_T_TEST_COUNT 8     /* u32 */
#define EPM_SET_SIZE 12

/* Test record, 12 bytes: any of the atoms, or none of them. */
#define EPM_Q_NEGATED 0        /* u8 */
#define EPM_Q_RESERVED 1       /* 3 bytes, zero */
#define EPM_Q_ATOMS 4          /* u32, offset of the atom records */
#define EPM_Q_ATOM_COUNT 8     /* u32 */
#define EPM_TEST_SIZE 12

/* Atom record, 8 bytes. A pattern is u16 tokens: a byte, or one of the two below. */
#define EPM_A_KIND 0           /* u8, EPM_WHOLE, EPM_PREFIX or EPM_PATTERN */
#define EPM_A_RESERVED 1       /* u8, zero */
#define EPM_A_LENGTH 2         /* u16, bytes or tokens */
#define EPM_A_TEXT 4           /* u32, offset */
#define EPM_ATOM_SIZE 8

#define EPM_WHOLE 0
#define EPM_PREFIX 1
#define EPM_PATTERN 2
#define EPM_ANY_RUN 256        /* token: any run of characters */
#define EPM_ANY_ONE 257        /* token: one character */

/* Row record, 8 bytes, and its entries, u32 each: chunk number << 24 | index in the pool. */
#define EPM_ROW_FIRST 0        /* u32, index of the first entry */
#define EPM_ROW_COUNT 4        /* u32, of entries, ascending by chunk number */
#define EPM_ROW_SIZE 8
#define EPM_ENTRY_SIZE 4
#define EPM_CHUNK_SHIFT 24
#define EPM_POOL_MASK 0xFFFFFF

/* Chunk: the bits of 512 boxes; the first box is the highest bit of the first byte. */
#define EPM_CHUNK_SIZE 64
#define EPM_CHUNK_BITS 512
#define EPM_MAX_CHUNKS 256
#define EPM_MAX_BOXES 131072   /* EPM_MAX_CHUNKS * EPM_CHUNK_BITS */

/* Fields, in the order of the rule language. */
#define EPM_F_LCLADDR 0
#define EPM_F_LCLPORT 1
#define EPM_F_BNDADDR 2
#define EPM_F_BNDPORT 3
#define EPM_F_RMTADDR 4
#define EPM_F_RMTPORT 5
#define EPM_F_BACKLOG 6        /* biased by 2**31, so that it is unsigned */
#define EPM_F_USER 7
#define EPM_F_JOB 8
#define EPM_F_GRPPRF 9
#define EPM_F_PGM 10
#define EPM_F_TIME 11          /* second of the day */
#define EPM_F_DAY 12           /* 0 Monday .. 6 Sunday */
#define EPM_FIELD_COUNT 13

/* User space: a control record, then two slots of one image each. */
#define EPM_SPACE_SIZE 16776704 /* what it is made with: all that one holds */
#define EPM_P_MAGIC 0          /* 8 bytes, EPMSPACE in ASCII */
#define EPM_P_VERSION 8        /* u16, 1 */
#define EPM_P_RESERVED 10      /* u16, zero */
#define EPM_P_CAPACITY 12      /* u32, bytes of one slot */
#define EPM_P_SLOT0 16         /* u32, offset from the first byte of the space */
#define EPM_P_SLOT1 20         /* u32 */
#define EPM_P_CRC 24           /* u32, CRC-32 of bytes 0..23 */
#define EPM_CONTROL_SIZE 28

/* An image that was opened: its header read and its sections known to lie inside it. */
typedef struct {
  const epm_u8 *bytes;
  epm_u8 header[EPM_HEADER_SIZE]; /* as it was when the image was opened */
  epm_u32 mark;                   /* of the header: equal headers have equal marks */
  epm_u32 length;
  epm_u64 sequence;
  epm_u64 revision;
  epm_u8 revision_known;
  const epm_u8 *config;
  const epm_u8 *charset;
  const epm_u8 *servers;
  const epm_u8 *pool;
  epm_u32 pool_count;
  const epm_u8 *entries;
  epm_u32 entry_count;
  const epm_u8 *rows;
  epm_u32 row_count;
} epm_image;

/* Which images a job has checked whole: the mark of the header, 0 for none. One aligned word is
   written at a time, so that threads may share it. */
typedef struct {
  volatile epm_u32 checked[2];
} epm_cache;

/* Open the image in the first `size` bytes. The body's checksum is not read here, and the
   header's is not computed where its mark is `known`, which was checked before; 0 knows none. */
epm_status epm_image_open(const epm_u8 *bytes, epm_u32 size, epm_u32 known, epm_image *image);

/* Whether the body is the one that the header's checksum is of. */
int epm_image_is_whole(const epm_image *image);

/* The section of `count` records of `each` bytes at `offset`, or 0 where it is not inside. */
const epm_u8 *epm_image_part(const epm_image *image, epm_u32 offset, epm_u32 count, epm_u32 each);

/* Open the newest sound image of a user space, passing over the slots in `refused` (bits 0 and
   1); one whose body is damaged is added to them. `slot` is told which it is, `fell_back` whether
   a newer or damaged one was passed over. EPM_NO_RULES may be gone at the next try, where a
   writer was between the two slots. */
epm_status epm_space_open(const epm_u8 *space, epm_u32 size, epm_cache *cache, unsigned *refused,
                          epm_image *image, unsigned *slot, int *fell_back);

/* Whether the image is still the one that was opened: a writer may have come round to it. What
   was read of it before holds only if it is. */
int epm_image_is_current(const epm_image *image);

epm_u32 epm_crc32(const epm_u8 *bytes, epm_u32 length, epm_u32 crc);

#endif
