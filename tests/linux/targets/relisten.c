/* relisten [PROGRAM]: listen on a loopback port, then become PROGRAM. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv) {
    struct sockaddr_in where = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(fd, (struct sockaddr *)&where, sizeof where) || listen(fd, 1)) return 1;
    if (argc > 1) execl(argv[1], argv[1], (char *)0);
    return 0;
}
