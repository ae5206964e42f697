/* client ADDRESS PORT: connect and print 0 or the errno. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

int main(int argc, char **argv) {
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[2]))};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(atoi(argv[2]))};
    int is_v6 = strchr(argv[1], ':') != NULL;
    int fd = socket(is_v6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
    inet_pton(is_v6 ? AF_INET6 : AF_INET, argv[1],
              is_v6 ? (void *)&v6.sin6_addr : (void *)&v4.sin_addr);
    int done = connect(fd, is_v6 ? (void *)&v6 : (void *)&v4, is_v6 ? sizeof v6 : sizeof v4);
    printf("%d\n", done ? errno : 0);
    return 0;
}
