// Wild pointers: whatever a program passes to a system call, the answer is an error, never a crash of anyone.
#include "check.h"
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>

#define PAGE 4096L

static char *good;          // One page of memory, filled with zeros before each call; nothing is mapped behind it.
static char *forbidden;     // One page that allows nothing.
static char *read_only;
static char *hole;          // An address in user space where nothing is mapped.
static int memory_file, folder, reader, writer, counter, set, ends[2];

static int to_number(int file, int number) {
    int moved = dup2(file, number);
    close(file);
    return moved;
}

// Descriptors have fixed numbers, so that a run can be repeated, above those that the C library uses.
static void open_files(void) {
    if (fcntl(10, F_GETFD) < 0)
        to_number(memfd_create("wild", 0), 10);
    if (fcntl(11, F_GETFD) < 0)
        to_number(open(".", O_RDONLY | O_DIRECTORY), 11);
    if (fcntl(12, F_GETFD) < 0 || fcntl(13, F_GETFD) < 0) {
        int pair[2];
        close(12);
        close(13);
        CHECK_WORKS(pipe2(pair, O_NONBLOCK));
        to_number(pair[0], 12);
        to_number(pair[1], 13);
    }
    if (fcntl(14, F_GETFD) < 0)
        to_number(eventfd(1, EFD_NONBLOCK), 14);
    if (fcntl(15, F_GETFD) < 0)
        to_number(epoll_create1(0), 15);
    if (fcntl(16, F_GETFD) < 0 || fcntl(17, F_GETFD) < 0) {
        int pair[2];
        close(16);
        close(17);
        CHECK_WORKS(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair));
        to_number(pair[0], 16);
        to_number(pair[1], 17);
    }
    close_range(20, ~0U, 0);
    memory_file = 10;
    folder = 11;
    reader = 12;
    writer = 13;
    counter = 14;
    set = 15;
    ends[0] = 16;
    ends[1] = 17;
}

static void prepare(void) {
    if (good)
        return;
    // Whoever started this program may have left descriptors open.
    close_range(3, ~0U, 0);
    char *base = mmap(NULL, 8 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    good = base + PAGE;
    forbidden = base + 3 * PAGE;
    read_only = base + 5 * PAGE;
    hole = base + 6 * PAGE;
    mprotect(good, PAGE, PROT_READ | PROT_WRITE);
    munmap(good + PAGE, PAGE);
    mprotect(read_only, PAGE, PROT_READ);
    munmap(hole, PAGE);
}

// Each call with good arguments but for one pointer.
static void single_bad_pointers(void) {
    const char *scratch = enter_scratch();
    prepare();
    open_files();
    CHECK_EQUAL(write(writer, "some text", 9), 9);
    CHECK_EQUAL(write(memory_file, "some text", 9), 9);
    char *bad[] = { (char *)1, (char *)8, forbidden, hole, good + PAGE, (char *)0x7FFFFFFFF000, (char *)0x800000000000,
        (char *)0x8000000000000000, (char *)0xFFFFFFFFFFFFF000, (char *)-1 };
    for (int i = 0; i < 10; i++) {
        char *pointer = bad[i];
        struct iovec part = { pointer, 5 };
        errno = 0;
        CHECK_FAILS(syscall(SYS_read, reader, pointer, 5), EFAULT);
        CHECK_FAILS(syscall(SYS_write, writer, pointer, 5), EFAULT);
        CHECK_FAILS(syscall(SYS_pread64, memory_file, pointer, 5, 0), EFAULT);
        CHECK_FAILS(syscall(SYS_pwrite64, memory_file, pointer, 5, 0), EFAULT);
        CHECK_FAILS(syscall(SYS_readv, reader, pointer, 1), EFAULT);
        CHECK_FAILS(syscall(SYS_readv, reader, &part, 1), EFAULT);
        CHECK_FAILS(syscall(SYS_writev, writer, &part, 1), EFAULT);
        CHECK_FAILS(syscall(SYS_open, pointer, O_RDONLY), EFAULT);
        CHECK_FAILS(syscall(SYS_openat, AT_FDCWD, pointer, O_RDONLY), EFAULT);
        CHECK_FAILS(syscall(SYS_stat, pointer, good), EFAULT);
        CHECK_FAILS(syscall(SYS_stat, "/", pointer), EFAULT);
        CHECK_FAILS(syscall(SYS_fstat, memory_file, pointer), EFAULT);
        CHECK_FAILS(syscall(SYS_newfstatat, AT_FDCWD, ".", pointer, 0), EFAULT);
        CHECK_FAILS(syscall(SYS_statx, AT_FDCWD, ".", 0, 0x7ff, pointer), EFAULT);
        CHECK_FAILS(syscall(SYS_statfs, "/", pointer), EFAULT);
        CHECK_FAILS(syscall(SYS_access, pointer, 0), EFAULT);
        CHECK_FAILS(syscall(SYS_chdir, pointer), EFAULT);
        CHECK_FAILS(syscall(SYS_mkdir, pointer, 0700), EFAULT);
        CHECK_FAILS(syscall(SYS_rmdir, pointer), EFAULT);
        CHECK_FAILS(syscall(SYS_unlink, pointer), EFAULT);
        CHECK_FAILS(syscall(SYS_rename, pointer, "x"), EFAULT);
        CHECK_FAILS(syscall(SYS_symlink, pointer, "x"), EFAULT);
        CHECK_FAILS(syscall(SYS_readlink, pointer, good, 10), EFAULT);
        CHECK_FAILS(syscall(SYS_chmod, pointer, 0), EFAULT);
        CHECK_FAILS(syscall(SYS_truncate, pointer, 0), EFAULT);
        CHECK_FAILS(syscall(SYS_utimensat, AT_FDCWD, ".", pointer, 0), EFAULT);
        CHECK_FAILS(syscall(SYS_getcwd, pointer, 100), EFAULT);
        CHECK_FAILS(syscall(SYS_getdents64, folder, pointer, 1000), EFAULT);
        CHECK_FAILS(syscall(SYS_pipe2, pointer, 0), EFAULT);
        CHECK_FAILS(syscall(SYS_poll, pointer, 1, 0), EFAULT);
        CHECK_FAILS(syscall(SYS_ppoll, good, 0, pointer, NULL, 8), EFAULT);
        CHECK_FAILS(syscall(SYS_select, 10, pointer, NULL, NULL, good), EFAULT);
        CHECK_FAILS(syscall(SYS_epoll_ctl, set, EPOLL_CTL_ADD, reader, pointer), EFAULT);
        CHECK_FAILS(syscall(SYS_rt_sigaction, SIGUSR1, pointer, NULL, 8), EFAULT);
        CHECK_FAILS(syscall(SYS_rt_sigaction, SIGUSR1, NULL, pointer, 8), EFAULT);
        CHECK_FAILS(syscall(SYS_rt_sigprocmask, SIG_BLOCK, pointer, NULL, 8), EFAULT);
        CHECK_FAILS(syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, pointer, 8), EFAULT);
        CHECK_FAILS(syscall(SYS_rt_sigpending, pointer, 8), EFAULT);
        CHECK_FAILS(syscall(SYS_sigaltstack, pointer, NULL), EFAULT);
        CHECK_FAILS(syscall(SYS_sigaltstack, NULL, pointer), EFAULT);
        CHECK_FAILS(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, pointer), EFAULT);
        CHECK_FAILS(syscall(SYS_clock_getres, CLOCK_MONOTONIC, pointer), EFAULT);
        CHECK_FAILS(syscall(SYS_gettimeofday, pointer, NULL), EFAULT);
        CHECK_FAILS(syscall(SYS_nanosleep, pointer, NULL), EFAULT);
        CHECK_FAILS(syscall(SYS_getitimer, 0, pointer), EFAULT);
        CHECK_FAILS(syscall(SYS_times, pointer), EFAULT);
        CHECK_FAILS(syscall(SYS_uname, pointer), EFAULT);
        CHECK_FAILS(syscall(SYS_sysinfo, pointer), EFAULT);
        CHECK_FAILS(syscall(SYS_getrlimit, RLIMIT_NOFILE, pointer), EFAULT);
        CHECK_FAILS(syscall(SYS_getrusage, 0, pointer), EFAULT);
        CHECK_FAILS(syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, pointer), EFAULT);
        CHECK_FAILS(syscall(SYS_sched_getaffinity, 0, 128, pointer), EFAULT);
        CHECK_FAILS(syscall(SYS_sched_getparam, 0, pointer), EFAULT);
        CHECK_FAILS(syscall(SYS_getrandom, pointer, 10, 0), EFAULT);
        CHECK_FAILS(syscall(SYS_execve, pointer, NULL, NULL), EFAULT);
        CHECK_FAILS(syscall(SYS_execve, "/bin/true", pointer, NULL), EFAULT);
        CHECK_FAILS(syscall(SYS_memfd_create, pointer, 0), EFAULT);
        CHECK_FAILS(syscall(SYS_sendto, ends[0], pointer, 5, MSG_DONTWAIT, NULL, 0), EFAULT);
        CHECK_FAILS(syscall(SYS_sendmsg, ends[0], pointer, MSG_DONTWAIT), EFAULT);
        CHECK_FAILS(syscall(SYS_recvmsg, ends[0], pointer, MSG_DONTWAIT), EFAULT);
        CHECK_FAILS(syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, pointer), EFAULT);
        CHECK_FAILS(syscall(SYS_mincore, good, PAGE, pointer), EFAULT);
        CHECK_FAILS(syscall(SYS_sendfile, writer, memory_file, pointer, 5), EFAULT);
    }
    // What is written to memory that may only be read.
    lseek(memory_file, 0, SEEK_SET);
    CHECK_FAILS(syscall(SYS_read, memory_file, read_only, 5), EFAULT);
    CHECK_FAILS(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, read_only), EFAULT);
    CHECK_FAILS(syscall(SYS_getcwd, read_only, 100), EFAULT);
    CHECK_FAILS(syscall(SYS_fstat, memory_file, read_only), EFAULT);
    // Half of the memory is there: a read or write is made of that half, a structure not at all.
    lseek(memory_file, 0, SEEK_SET);
    CHECK_EQUAL(syscall(SYS_read, memory_file, good + PAGE - 4, 9), 4);
    CHECK_EQUAL(syscall(SYS_pwrite64, memory_file, good + PAGE - 4, 9, 100), 4);
    CHECK_FAILS(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, good + PAGE - 8), EFAULT);
    // A path that has no end before its memory has.
    memset(good + PAGE - 8, 'x', 8);
    CHECK_FAILS(syscall(SYS_open, good + PAGE - 8, O_RDONLY), EFAULT);
    strcpy(good + PAGE - 2, "/");
    CHECK_EQUAL(syscall(SYS_access, good + PAGE - 2, 0), 0);
    // Nothing is asked of memory for nothing.
    CHECK_EQUAL(syscall(SYS_read, memory_file, NULL, 0), 0);
    CHECK_EQUAL(syscall(SYS_write, memory_file, NULL, 0), 0);
    close_range(10, 17, 0);
    leave_scratch(scratch);
}

// How the arguments of a call are drawn: p a pointer, q one that isn't null, f a descriptor, i a number, n a length,
// s a small length, 0 nothing, 2 a two, N MSG_DONTWAIT, - no such argument. None of these calls can block, end the process, change
// its memory, or reach what is outside of it.
struct call {
    short number;
    const char *arguments;
};

static const struct call calls[] = {
    { SYS_read, "fpn" }, { SYS_write, "fpn" }, { SYS_open, "pii" }, { SYS_stat, "pp" }, { SYS_fstat, "fp" },
    { SYS_lstat, "pp" }, { SYS_poll, "pi0" }, { SYS_lseek, "fni" }, { SYS_mprotect, "qsi" }, { SYS_rt_sigprocmask, "ippn" },
    { SYS_pread64, "fpnn" }, { SYS_pwrite64, "fpnn" }, { SYS_readv, "fpi" }, { SYS_writev, "fpi" }, { SYS_access, "pi" },
    { SYS_pipe, "p" }, { SYS_select, "ipppq" }, { SYS_sched_yield, "" }, { SYS_msync, "qsi" }, { SYS_mincore, "qsp" },
    { SYS_madvise, "qsi" }, { SYS_dup, "f" }, { SYS_nanosleep, "pp" }, { SYS_getitimer, "ip" },
    { SYS_getpid, "" }, { SYS_sendfile, "ffps" }, { SYS_socket, "iii" }, { SYS_connect, "fpn" }, { SYS_sendto, "fpnNpn" },
    { SYS_recvfrom, "fpnNpp" }, { SYS_sendmsg, "fpN" }, { SYS_recvmsg, "fpN" }, { SYS_bind, "fpn" }, { SYS_getsockname, "fpp" },
    { SYS_getpeername, "fpp" }, { SYS_socketpair, "iiip" }, { SYS_setsockopt, "fiipn" }, { SYS_getsockopt, "fiipp" },
    { SYS_execve, "ppp" }, { SYS_wait4, "ipip" }, { SYS_uname, "p" }, { SYS_ftruncate, "fn" },
    { SYS_getdents, "fpn" }, { SYS_getcwd, "pn" }, { SYS_chdir, "p" }, { SYS_rename, "pp" }, { SYS_mkdir, "pi" }, { SYS_rmdir, "p" },
    { SYS_creat, "pi" }, { SYS_link, "pp" }, { SYS_unlink, "p" }, { SYS_symlink, "pp" }, { SYS_readlink, "ppn" }, { SYS_chmod, "pi" },
    { SYS_chown, "pii" }, { SYS_lchown, "pii" }, { SYS_gettimeofday, "pp" }, { SYS_getrlimit, "ip" }, { SYS_getrusage, "ip" },
    { SYS_sysinfo, "p" }, { SYS_times, "p" }, { SYS_getgroups, "np" }, { SYS_getresuid, "ppp" }, { SYS_getresgid, "ppp" },
    { SYS_getpgid, "i" }, { SYS_capget, "pp" }, { SYS_rt_sigpending, "pn" }, { SYS_rt_sigtimedwait, "ppqn" }, { SYS_sigaltstack, "0p" },
    { SYS_utime, "pp" }, { SYS_mknod, "pii" }, { SYS_statfs, "pp" }, { SYS_fstatfs, "fp" }, { SYS_getpriority, "ii" },
    { SYS_sched_getparam, "ip" }, { SYS_sched_getscheduler, "i" }, { SYS_sched_rr_get_interval, "ip" }, { SYS_gettid, "" },
    { SYS_readahead, "fns" }, { SYS_setxattr, "pppni" }, { SYS_fsetxattr, "fppni" }, { SYS_getxattr, "pppn" },
    { SYS_fgetxattr, "fppn" }, { SYS_listxattr, "ppn" }, { SYS_flistxattr, "fpn" }, { SYS_removexattr, "pp" }, { SYS_time, "p" },
    { SYS_futex, "piiqpi" }, { SYS_sched_getaffinity, "inp" }, { SYS_getdents64, "fpn" }, { SYS_fadvise64, "fnni" },
    { SYS_timer_create, "ipp" }, { SYS_timer_gettime, "ip" }, { SYS_timer_getoverrun, "i" }, { SYS_clock_gettime, "ip" },
    { SYS_clock_getres, "ip" }, { SYS_epoll_wait, "fpi0" }, { SYS_epoll_ctl, "fifp" }, { SYS_utimes, "pp" },
    { SYS_waitid, "iipip" }, { SYS_openat, "fpii" }, { SYS_mkdirat, "fpi" }, { SYS_mknodat, "fpii" }, { SYS_fchownat, "fpiii" },
    { SYS_newfstatat, "fppi" }, { SYS_unlinkat, "fpi" }, { SYS_renameat, "fpfp" }, { SYS_linkat, "fpfpi" }, { SYS_symlinkat, "pfp" },
    { SYS_readlinkat, "fppn" }, { SYS_fchmodat, "fpi" }, { SYS_faccessat, "fpi" }, { SYS_pselect6, "ipppqp" }, { SYS_ppoll, "piqpn" },
    { SYS_get_robust_list, "ipp" }, { SYS_splice, "fpfps2" }, { SYS_tee, "ffs2" }, { SYS_vmsplice, "fpi2" }, { SYS_utimensat, "fppi" },
    { SYS_epoll_pwait, "fpi0pn" }, { SYS_signalfd4, "fpni" }, { SYS_timerfd_create, "ii" }, { SYS_eventfd2, "ii" },
    { SYS_timerfd_gettime, "fp" }, { SYS_epoll_create1, "i" }, { SYS_pipe2, "pi" }, { SYS_preadv, "fpin0" }, { SYS_pwritev, "fpin0" },
    { SYS_prlimit64, "0i0p" }, { SYS_getcpu, "ppp" }, { SYS_renameat2, "fpfpi" }, { SYS_getrandom, "pni" }, { SYS_memfd_create, "pi" },
    { SYS_execveat, "fpppi" }, { SYS_copy_file_range, "fpfpsi" }, { SYS_preadv2, "fpin0i" }, { SYS_pwritev2, "fpin0i" },
    { SYS_statx, "fpiip" }, { SYS_openat2, "fppn" }, { SYS_faccessat2, "fpii" }, { SYS_pidfd_open, "ii" },
    { SYS_membarrier, "i0" }, { SYS_rt_sigaction, "ippn" }, { SYS_getsid, "i" }, { SYS_inotify_add_watch, "fpi" }, { SYS_fchmod, "fi" },
    { SYS_mlock, "qs" }, { SYS_munlock, "qs" }, { SYS_lookup_dcookie, "ipn" }, { SYS_fsync, "f" }, { SYS_clock_nanosleep, "i0pp" },
};

static uint64_t random_state = 0x1234567890abcdef;

static uint64_t draw(void) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state * 0x2545F4914F6CDD1D;
}

static long draw_argument(char kind) {
    uint64_t number = draw() >> 20;
    static const long numbers[] = { 0, 1, 2, 3, 4, 5, 7, 8, 16, 31, 64, 0x100, 0x400, 0x800, 0x1000, 0x80000, -1, -2, 0x7FFFFFFF,
        -0x80000000L, 0x40000000, 0xFFFFFFFFL };
    static const long lengths[] = { 0, 1, 2, 4, 8, 12, 16, 24, 32, 64, 110, 128, 4095, 4096, 65536, -1, 0x7FFFFFFF, 0x7FFFFFFFFFFFFFFF };
    static const long small[] = { 0, 1, 88, 4096 };
    static const long files[] = { 10, 11, 12, 13, 14, 15, 16, 17, -1, AT_FDCWD, 999, 0x7FFFFFFF };
    char *pointers[] = { NULL, (char *)1, good, good, good, good + PAGE - 1, good + PAGE - 8, good + PAGE - 17, good + PAGE, forbidden,
        forbidden + 5, read_only, hole, (char *)0x7FFFFFFFEFF8, (char *)0x800000000000, (char *)0x8000000000000000,
        (char *)0xFFFFFFFF80000000, (char *)-4096, (char *)-1 };
    switch (kind) {
        case 'p': return (long)pointers[number % 19];
        case 'q': return (long)pointers[1 + number % 18];
        case 'f': return files[number % 12];
        case 'i': return numbers[number % 22];
        case 'n': return lengths[number % 18];
        case 's': return small[number % 4];
        case '2': return 2;
        case 'N': return MSG_DONTWAIT | MSG_NOSIGNAL;
        default: return 0;
    }
}

static void random_calls(void) {
    const char *scratch = enter_scratch();
    prepare();
    open_files();
    // A write to a pipe or socket without a reader is part of the game.
    signal(SIGPIPE, SIG_IGN);
    sigset_t old;
    sigprocmask(SIG_BLOCK, NULL, &old);
    bool verbose = getenv("WILD_VERBOSE") != NULL;
    // The seed is always the same, but for one who looks for more.
    if (getenv("WILD_SEED"))
        random_state += strtoull(getenv("WILD_SEED"), NULL, 0) * 0x9E3779B97F4A7C15;
    long worked = 0, wrong = 0;
    for (long i = 0; i < 1000000; i++) {
        // Those that calls have made are closed; none takes the number of one of ours, which nothing closes.
        if (i % 200 == 0)
            close_range(20, ~0U, 0);
        const struct call *call = &calls[draw() % (sizeof calls / sizeof calls[0])];
        long arguments[6] = { 0 };
        for (int j = 0; call->arguments[j]; j++)
            arguments[j] = draw_argument(call->arguments[j]);
        // All zeros: an empty path, no time to wait, an empty set.
        memset(good, 0, PAGE);
        if (verbose) {
            dprintf(2, "%ld: %d(%lx, %lx, %lx, %lx, %lx, %lx)\n", i, call->number, arguments[0], arguments[1], arguments[2], arguments[3],
                arguments[4], arguments[5]);
        }
        long result = syscall(call->number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
        worked += result >= 0;
        wrong += result < 0 && (errno <= 0 || errno > 133);
        mprotect(good, PAGE, PROT_READ | PROT_WRITE);
        mprotect(forbidden, PAGE, PROT_NONE);
        mprotect(read_only, PAGE, PROT_READ);
        sigprocmask(SIG_SETMASK, &old, NULL);
    }
    CHECK_EQUAL(wrong, 0);
    CHECK(worked > 1000);
    // The program and its kernel are well.
    open_files();
    memset(good, 0, PAGE);
    CHECK_WORKS(ftruncate(memory_file, 0));
    lseek(memory_file, 0, SEEK_SET);
    CHECK_EQUAL(write(memory_file, "still here", 11), 11);
    CHECK_EQUAL(pread(memory_file, good, 11, 0), 11);
    CHECK_TEXT(good, "still here");
    close_range(10, 17, 0);
    signal(SIGPIPE, SIG_DFL);
    CHECK_WORKS(chdir("/"));
    // Names that random calls may have made: none of their paths had a character.
    leave_scratch(scratch);
}

MAIN(SECTION(single_bad_pointers), SECTION(random_calls))
