/* A 32-bit program without a library: connect to 127.0.0.1:PORT (PORT, HOW are compiled in).
 *
 * HOW 0: the connect call; 1: socketcall, whose arguments lie in memory. The exit code is the
 * errno.
 */
struct in { unsigned short family, port; unsigned address; char zero[8]; };

static int call(int number, int a, int b, int c) {
    int result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory");
    return result;
}

void _start(void) {
    struct in where = {2, (unsigned short)((PORT >> 8) | (PORT << 8)), 0x0100007f, {0}};
    int result, fd = call(359, 2, 1, 0);
    if (HOW == 0) {
        result = call(362, fd, (int)&where, sizeof where);
    } else {
        unsigned words[3] = {(unsigned)fd, (unsigned)&where, sizeof where};
        result = call(102, 3, (int)words, 0);
    }
    call(1, -result, 0, 0);
    for (;;) {}
}
