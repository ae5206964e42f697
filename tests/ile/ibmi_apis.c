/*
 * IBM i's interfaces, as its documentation lays them out, around one exit program that runs on its
 * real platform (epm_platform_ibmi.c). Arguments: a file with the user space of the rules, a file
 * with the exit block, how often to call, and a word that makes one interface fail.
 *
 * Prints one line for each thing that the program asks the system to do, in hexadecimal.
 */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "epm_entry.h"
#include "epm_ibmi_apis.h"
#include "epm_image.h"

extern int exit_program(int argc, char **argv);

static unsigned char rules[EPM_SPACE_SIZE];
static epm_i32 counters[EPM_COUNTERS];
static const char *failing = "";
static jmp_buf handler; /* where an escape message goes */

/* A name fails by its error code; with ! before it by an escape message. */
static int fails(const char *name, epm_error_code *error)
{
  if (error->provided != 16) {
    exit(3); /* with no room, an API sends an escape message */
  }
  if (failing[0] == '!' && strcmp(failing + 1, name) == 0) {
    longjmp(handler, 1);
  }
  error->available = strcmp(failing, name) == 0 ? 15 : 0;
  return error->available != 0;
}

static void show(const char *what, const void *bytes, size_t length)
{
  size_t i;
  printf("%s ", what);
  for (i = 0; i < length; i++) {
    printf("%02X", ((const unsigned char *)bytes)[i]);
  }
  printf("\n");
}

static void put32(unsigned char *at, unsigned value)
{
  at[0] = (unsigned char)(value >> 24);
  at[1] = (unsigned char)(value >> 16);
  at[2] = (unsigned char)(value >> 8);
  at[3] = (unsigned char)value;
}

/* A name in EBCDIC: letters, digits and the few others that are met here. */
static void put_name(unsigned char *at, const char *name, int length)
{
  while (length-- > 0) {
    char c = *name != 0 ? *name++ : ' ';
    *at++ = (unsigned char)(c == ' '               ? 0x40
                            : c == '*'             ? 0x5C
                            : c >= '0' && c <= '9' ? 0xF0 + c - '0'
                            : c <= 'I'             ? 0xC1 + c - 'A'
                            : c <= 'R'             ? 0xD1 + c - 'J'
                                                   : 0xE2 + c - 'S');
  }
}

void QUSPTRUS(const void *name, void **pointer, epm_error_code *error)
{
  int counts = ((const unsigned char *)name)[3] == 0xC3; /* EPMCOUNT, not EPMRULES */
  if (!fails(counts ? "count" : "rules", error)) {
    *pointer = counts ? (void *)counters : (void *)rules;
  }
}

void QSYRUSRI(void *receiver, const epm_i32 *length, const void *format, const void *user,
              epm_error_code *error)
{
  unsigned char *at = receiver;
  (void)format;
  (void)user;
  memset(at, 0x40, (size_t)*length);
  put_name(at + 8, "QTCP", 10);
  put_name(at + 43, strcmp(failing, "groupless") == 0 ? "*NONE" : "QPGMR", 10);
  put32(at + 96, 200);
  put32(at + 100, strcmp(failing, "groups") == 0 ? 1000 : strcmp(failing, "groupless") ? 2 : 0);
  put_name(at + 200, "OPS", 10);
  put_name(at + 210, "DEV", 10);
  fails("user", error);
}

void QUSRJOBI(void *receiver, const epm_i32 *length, const void *format, const void *job,
              const void *internal, epm_error_code *error)
{
  unsigned char *at = receiver;
  (void)format;
  (void)job;
  (void)internal;
  memset(at, 0x40, (size_t)*length);
  put_name(at + 8, "SSHD", 10);
  put_name(at + 18, "QSECOFR", 10);
  put_name(at + 28, "123456", 6);
  fails("job", error);
}

void QWCCVTDT(const void *from, const void *input, const void *to, void *output,
              epm_error_code *error)
{
  (void)from;
  (void)input;
  (void)to;
  put_name(output, "20261121100000120", 17);
  fails("time", error);
}

void QWVRCSTK(void *receiver, const epm_i32 *length, const void *format, const void *job,
              const void *job_format, epm_error_code *error)
{
  static const char *const stack[][2] = {{"QWVRCSTK", "QSYS"}, {"", ""},
                                         {"EPMACCEPT", "EPM"}, {"QSOSRV1", "QSYS"},
                                         {"", ""},             {"MYSERVER", "MYLIB"},
                                         {"QCMD", "QSYS"}};
  unsigned char *at = receiver;
  unsigned first = strcmp(failing, "shown") == 0 ? 0 : 1, count = 0, i;
  (void)format;
  (void)job;
  (void)job_format;
  memset(at, 0, (size_t)*length);
  put32(at + 12, 64);
  for (i = first, at += 64; i < sizeof stack / sizeof stack[0]; i++) {
    if (stack[i][0][0] == 0 && strcmp(failing, "nameless") != 0) {
      continue;
    }
    put32(at, strcmp(failing, "stack") == 0 ? 0xFFFFFFF0u : 80);
    put_name(at + 24, stack[i][0], 10);
    put_name(at + 34, stack[i][1], 10);
    at += 80;
    count++;
  }
  put32((unsigned char *)receiver + 16, count);
  fails("callers", error);
}

void QJOSJRNE(const void *journal, const void *information, const void *data,
              const epm_i32 *length, epm_error_code *error)
{
  show("journal", journal, 20);
  show("information", information, 20);
  show("entry", data, (size_t)*length);
  fails("journal", error);
}

void QMHSNDM(const void *identifier, const void *file, const void *text, const epm_i32 *length,
             const void *type, const void *queues, const epm_i32 *count, const void *reply,
             void *key, epm_error_code *error)
{
  (void)identifier;
  (void)file;
  (void)type;
  (void)count;
  (void)reply;
  memset(key, 0, 4);
  show("queue", queues, 20);
  show("message", text, (size_t)*length);
  fails("message", error);
}

void QSNDDTAQ(const void *name, const void *library, const void *length, const void *data)
{
  const unsigned char *packed = length;
  size_t bytes = (size_t)((packed[0] >> 4) * 10000 + (packed[0] & 15) * 1000 +
                          (packed[1] >> 4) * 100 + (packed[1] & 15) * 10 + (packed[2] >> 4));
  show("dataqueue", name, 10);
  show("library", library, 10);
  show("capture", data, bytes);
}

/* A call as ILE makes it: an escape message goes on at the label of its handler, which is what
   stands after `fault` in epm_entry.c; one of the second function's at that function's own. */
static void exit_call(char **parameters)
{
  if (setjmp(handler) == 0) {
    exit_program(3, parameters);
  } else if (setjmp(handler) == 0) {
    epm_entry_fault(EPM_ACCEPT, (unsigned char *)parameters[1]);
  }
}

static void load(const char *path, unsigned char *into, size_t size)
{
  FILE *file = fopen(path, "rb");
  if (file == 0 || fread(into, 1, size, file) == 0) {
    exit(2);
  }
  fclose(file);
}

int main(int argc, char **argv)
{
  unsigned char block[96] = {0}, indicator[1] = {0x40};
  char *parameters[3] = {0, (char *)block, (char *)indicator};
  int calls;
  load(argv[1], rules, sizeof rules);
  load(argv[2], block, sizeof block);
  failing = argc > 4 ? argv[4] : "";
  for (calls = atoi(argv[3]); calls > 0; calls--) {
    exit_call(parameters);
    show("indicator", indicator, 1);
  }
  printf("counters");
  for (calls = 0; calls < EPM_COUNTERS; calls++) {
    printf(" %d", counters[calls]);
  }
  printf("\n");
  return 0;
}
