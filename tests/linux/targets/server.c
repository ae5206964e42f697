/* server PORT N: four threads block in accept and answer N connections with their peer's port. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int fd, left;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *serve(void *arg) {
    for (;;) {
        struct sockaddr_in peer;
        socklen_t size = sizeof peer;
        char text[16];
        int client = accept(fd, (struct sockaddr *)&peer, &size);
        if (client < 0 && errno == ECONNABORTED) {
            puts("aborted");
            fflush(stdout);
        } else if (client < 0) {
            return arg;
        } else {
            int n = snprintf(text, sizeof text, "%d", ntohs(peer.sin_port));
            if (write(client, text, n) != n) puts("short write");
            close(client);
        }
        pthread_mutex_lock(&lock);
        if (--left == 0) exit(0);
        pthread_mutex_unlock(&lock);
    }
}

int main(int argc, char **argv) {
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1]))};
    pthread_t threads[4];
    int one = 1;
    left = atoi(argv[2]);
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, (struct sockaddr *)&where, sizeof where) || listen(fd, 50)) {
        printf("%d\n", errno);
        return 1;
    }
    puts("ready");
    fflush(stdout);
    for (int i = 0; i < 4; i++) pthread_create(&threads[i], NULL, serve, NULL);
    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
    return 0;
}
