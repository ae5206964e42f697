/* Print the effective user id; installed setuid by a test. */
#include <stdio.h>
#include <unistd.h>
int main(void) {
    printf("%d\n", (int)geteuid());
    return 0;
}
