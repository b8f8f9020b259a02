// Record locks (fcntl(2), F_SETLK and F_OFD_SETLK) against a model of bytes, at random but from a seed; and many of them.
#include "check.h"
#include <fcntl.h>
#include <sys/wait.h>

#define OWNERS 3
#define BYTES 200

static int files[OWNERS];
static unsigned char model[OWNERS][BYTES]; // F_UNLCK, F_RDLCK or F_WRLCK of each byte; the last one is all that follow
static uint64_t state = 0x9E3779B97F4A7C15;

static int below(int limit) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (int)((state >> 20) % (unsigned)limit);
}

static bool conflicts(int owner, int type, int start, int end) {
    for (int other = 0; other < OWNERS; other++)
        for (int i = start; i < end; i++)
            if (other != owner && (model[other][i] == F_WRLCK || (model[other][i] == F_RDLCK && type == F_WRLCK)))
                return true;
    return false;
}

static struct flock record(int type, int start, int length) {
    return (struct flock){ .l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length };
}

// A range that F_OFD_GETLK names is one lock of another owner, as long as it can be.
static void check_found(int owner, int type, int start, int end, const struct flock *found) {
    int from = found->l_start, to = found->l_len == 0 ? BYTES : from + found->l_len;
    CHECK(from < end && to > start);
    bool is_somebodys = false;
    for (int other = 0; other < OWNERS; other++) {
        bool is_whole = other != owner && (found->l_type == F_WRLCK || type == F_WRLCK);
        for (int i = from; i < to; i++)
            is_whole &= model[other][i] == found->l_type;
        is_whole &= (from == 0 || model[other][from - 1] != found->l_type) && (to == BYTES || model[other][to] != found->l_type);
        is_somebodys |= is_whole;
    }
    CHECK(is_somebodys);
    CHECK_EQUAL(found->l_pid, -1);
}

static void random_ranges(void) {
    const char *scratch = enter_scratch();
    for (int i = 0; i < OWNERS; i++)
        NEED((files[i] = open("file", O_CREAT | O_RDWR, 0600)) >= 0);
    for (int i = 0; i < OWNERS * BYTES; i++)
        model[i / BYTES][i % BYTES] = F_UNLCK;
    static const int types[] = { F_RDLCK, F_WRLCK, F_UNLCK, F_UNLCK };
    for (int round = 0; round < 20000; round++) {
        int owner = below(OWNERS), start = below(BYTES - 1), length = below(BYTES - start);
        int end = length == 0 ? BYTES : start + length;
        int type = types[below(4)];
        struct flock lock = record(type, start, length);
        if (type != F_UNLCK && below(3) == 0) {
            CHECK_WORKS(fcntl(files[owner], F_OFD_GETLK, &lock));
            if (conflicts(owner, type, start, end))
                check_found(owner, type, start, end, &lock);
            else
                CHECK_EQUAL(lock.l_type, F_UNLCK);
            continue;
        }
        if (type != F_UNLCK && conflicts(owner, type, start, end)) {
            CHECK_FAILS(fcntl(files[owner], F_OFD_SETLK, &lock), EAGAIN);
            continue;
        }
        CHECK_WORKS(fcntl(files[owner], F_OFD_SETLK, &lock));
        memset(&model[owner][start], type, end - start);
    }
    for (int i = 0; i < OWNERS; i++)
        close(files[i]);
    unlink("file");
    leave_scratch(scratch);
}

// Every other byte, in both orders; a child finds all of them, and none after the file is closed.
static void many(void) {
    const char *scratch = enter_scratch();
    int count = 1500, fd = open("file", O_CREAT | O_RDWR, 0600);
    NEED(fd >= 0);
    for (int i = 0; i < count; i++) {
        struct flock up = record(F_WRLCK, 4 * i, 1), down = record(F_WRLCK, 4 * (count - i) - 2, 1);
        CHECK_WORKS(fcntl(fd, F_SETLK, &up));
        CHECK_WORKS(fcntl(fd, F_SETLK, &down));
    }
    pid_t child = fork();
    if (child == 0) {
        int bad = 0;
        for (int i = 0; i < 4 * count; i++) {
            struct flock lock = record(F_RDLCK, i, 1);
            fcntl(fd, F_GETLK, &lock);
            bad += lock.l_type != (i % 2 == 0 ? F_WRLCK : F_UNLCK) || (i % 2 == 0 && lock.l_pid != getppid());
        }
        _exit(bad != 0);
    }
    int status = -1;
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    CHECK_EQUAL(status, 0);
    struct flock all = record(F_WRLCK, 0, 0);
    CHECK_WORKS(fcntl(fd, F_SETLK, &all));
    close(dup(fd));
    int other = open("file", O_RDWR);
    CHECK_WORKS(fcntl(other, F_OFD_SETLK, &all));
    close(other);
    close(fd);
    unlink("file");
    leave_scratch(scratch);
}

MAIN(SECTION(random_ranges), SECTION(many))
