// A fork bomb beside a program that goes on with its work: the bomb ends in EAGAIN or ENOMEM, the other notices nothing, and when the bomb is killed
// what it had is there again.
//   bomb        says how many processes there were at most
#include "check.h"
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>

struct board {
    _Atomic int running, refused, other_errors;
};

static struct board *board;

// Every process of the bomb forks until the system refuses, and then stays.
static _Noreturn void explode(void) {
    board->running++;
    for (;;) {
        pid_t child = fork();
        if (child == 0)
            board->running++;
        if (child >= 0)
            continue;
        if (errno != EAGAIN && errno != ENOMEM)
            board->other_errors++;
        board->refused++;
        for (;;)
            pause();
    }
}

// Sums up numbers that it is sent, in memory that it takes and gives back each time.
static _Noreturn void go_on(int in, int out) {
    unsigned long number, sum = 0;
    while (read(in, &number, sizeof number) == sizeof number) {
        char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        sum = page == MAP_FAILED ? 0 : sum + number;
        if (page != MAP_FAILED)
            munmap(page, 4096);
        if (write(out, &sum, sizeof sum) != sizeof sum)
            break;
    }
    _exit(0);
}

static bool goes_on(int to, int from, int count) {
    static unsigned long number, expected;
    while (count-- > 0) {
        unsigned long sum = 0;
        number++;
        expected += number;
        if (write(to, &number, sizeof number) != sizeof number || read(from, &sum, sizeof sum) != sizeof sum || sum != expected)
            return false;
    }
    return true;
}

static long free_pages(void) {
    struct sysinfo all;
    sysinfo(&all);
    return (long)(all.freeram * all.mem_unit / 4096);
}

int main(void) {
    default_signals();
    board = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int there[2], back[2];
    CHECK(pipe(there) == 0 && pipe(back) == 0);
    pid_t other = fork();
    if (other == 0) {
        close(there[1]), close(back[0]);
        go_on(there[0], back[1]);
    }
    close(there[0]), close(back[1]);
    CHECK(goes_on(there[1], back[0], 100));
    long before = free_pages();

    pid_t bomb = fork();
    if (bomb == 0) {
        setpgid(0, 0);
        close(there[1]), close(back[0]);
        explode();
    }
    // Everyone has been refused: nothing moves any more.
    while (board->refused == 0 || board->refused < board->running)
        CHECK(goes_on(there[1], back[0], 1));
    CHECK(goes_on(there[1], back[0], 1000));
    CHECK_EQUAL(board->other_errors, 0);
    fprintf(stderr, "%d processes\n", board->running);

    CHECK_WORKS(kill(-bomb, SIGKILL));
    int status = 0;
    CHECK_EQUAL(waitpid(bomb, &status, 0), bomb);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    while (kill(-bomb, 0) == 0)
        CHECK(goes_on(there[1], back[0], 1));
    CHECK(goes_on(there[1], back[0], 100));
    UNTIL(free_pages() > before - 2048);
    for (int i = 0; i < 20; i++) {
        pid_t child = fork();
        if (child == 0)
            _exit(i);
        CHECK_EQUAL(waitpid(child, &status, 0), child);
        CHECK_EQUAL(status, i << 8);
    }
    close(there[1]);
    CHECK_EQUAL(waitpid(other, &status, 0), other);
    CHECK_EQUAL(status, 0);
    if (check_failures)
        return 1;
    printf("ok\n");
    return 0;
}
