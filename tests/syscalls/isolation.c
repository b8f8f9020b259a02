// What processes of different users may do to each other, and what rights a program keeps. Most of it needs root.
#include "check.h"
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sched.h>
#include <spawn.h>
#include <sys/mount.h>
#include <sys/fsuid.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>

extern char **environ;
static const char *own_path;

enum { USER = 1234 };

static unsigned long long effective(void) {
    struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
    struct __user_cap_data_struct data[2];
    syscall(SYS_capget, &header, data);
    return data[0].effective | (unsigned long long)data[1].effective << 32;
}

static void become(unsigned user) {
    syscall(SYS_setresgid, user, user, user);
    syscall(SYS_setresuid, user, user, user);
}

// What a child says by its status: it is this program again.
static int be_child(int argc, char **argv) {
    const char *what = argv[2];
    unsigned long number = argc > 3 ? strtoul(argv[3], NULL, 0) : 0;
    if (strcmp(what, "user") == 0)
        return (int)(geteuid() % 251);
    if (strcmp(what, "dumpable") == 0)
        return prctl(PR_GET_DUMPABLE);
    if (strcmp(what, "capability") == 0)
        return (effective() >> number & 1) != 0;
    if (strcmp(what, "limit") == 0) {
        become(USER);
        struct rlimit limit = { 10, 10 };
        return prlimit((pid_t)number, RLIMIT_NOFILE, &limit, NULL) == 0 ? 0 : errno;
    }
    if (strcmp(what, "read limit") == 0) {
        become(USER);
        struct rlimit limit;
        return prlimit((pid_t)number, RLIMIT_NOFILE, NULL, &limit) == 0 ? 0 : errno;
    }
    if (strcmp(what, "memory") == 0) {
        // A descriptor of the memory of the program before.
        char byte;
        ssize_t count = pread((int)number, &byte, 1, (off_t)own_path);
        return count == 0 ? 0 : 1;
    }
    if (strcmp(what, "take") == 0) {
        become(USER);
        int file = (int)syscall(SYS_pidfd_open, (pid_t)number, 0);
        return syscall(SYS_pidfd_getfd, file, 1, 0) == -1 ? errno : 0;
    }
    if (strcmp(what, "affinity") == 0) {
        become(USER);
        cpu_set_t set;
        sched_getaffinity((pid_t)number, sizeof set, &set);
        return sched_setaffinity((pid_t)number, sizeof set, &set) == 0 ? 0 : errno;
    }
    if (strcmp(what, "pause") == 0)
        pause();
    return 99;
}

static int run(const char *program, const char *what, const char *number) {
    char *arguments[] = { (char *)program, "..", (char *)what, (char *)number, NULL };
    pid_t child;
    int status = -1;
    int error = posix_spawn(&child, program, NULL, NULL, arguments, environ);
    if (error != 0)
        return -error;
    waitpid(child, &status, 0);
    return status >> 8;
}

// Another user's, by vfork: the id is taken in the child only.
static int run_as(unsigned user, const char *program, const char *what, const char *number) {
    char *arguments[] = { (char *)program, "..", (char *)what, (char *)number, NULL };
    pid_t child = vfork();
    if (child == 0) {
        become(user);
        execve(program, arguments, environ);
        _exit(120);
    }
    int status = -1;
    waitpid(child, &status, 0);
    return status >> 8;
}

static void copy_self(const char *path, mode_t mode) {
    int in = open(own_path, O_RDONLY), out = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0755);
    static char buffer[65536];
    ssize_t count;
    while ((count = read(in, buffer, sizeof buffer)) > 0)
        CHECK_EQUAL(write(out, buffer, (size_t)count), count);
    close(in);
    close(out);
    CHECK_WORKS(chmod(path, mode));
}

static void set_user_id(void) {
    if (geteuid() != 0)
        return;
    const char *scratch = enter_scratch();
    chmod(scratch, 0755);
    if (mount("none", scratch, "tmpfs", 0, NULL) != 0)
        return; // root of a container, who may not
    chdir(scratch);
    char path[128];
    snprintf(path, sizeof path, "%s/program", scratch);
    copy_self(path, 04755);
    CHECK_EQUAL(run_as(USER, path, "user", NULL), 0);
    // It has more rights than its caller, so nobody may look into it.
    CHECK_EQUAL(run_as(USER, path, "dumpable", NULL), 0);
    CHECK_EQUAL(run_as(USER, own_path, "dumpable", NULL), 1);
    CHECK_WORKS(mount("none", scratch, NULL, MS_REMOUNT | MS_NOSUID, NULL));
    CHECK_EQUAL(run_as(USER, path, "user", NULL), USER % 251);
    CHECK_WORKS(mount("none", scratch, NULL, MS_REMOUNT, NULL));
    // Capabilities of the file: CAP_NET_RAW, effective.
    struct vfs_cap_data data = { VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE, { { 1 << CAP_NET_RAW, 0 }, { 0, 0 } } };
    CHECK_WORKS(chmod(path, 0755));
    if (setxattr(path, "security.capability", &data, sizeof data, 0) == 0) {
        CHECK_EQUAL(run_as(USER, path, "capability", "13"), 1);
        CHECK_EQUAL(run_as(USER, path, "capability", "12"), 0);
        CHECK_WORKS(mount("none", scratch, NULL, MS_REMOUNT | MS_NOSUID, NULL));
        CHECK_EQUAL(run_as(USER, path, "capability", "13"), 0);
    }
    chdir("/");
    CHECK_WORKS(umount2(scratch, MNT_DETACH));
    rmdir(scratch);
}

static void limits_of_others(void) {
    if (geteuid() != 0)
        return;
    char number[16];
    snprintf(number, sizeof number, "%d", getpid());
    CHECK_EQUAL(run(own_path, "limit", number), EPERM);
    CHECK_EQUAL(run(own_path, "read limit", number), EPERM);
    CHECK_EQUAL(run(own_path, "take", number), EPERM);
    CHECK_EQUAL(run(own_path, "affinity", number), EPERM);
}

// Memory that was opened belongs to what was in it then, and ends with that.
static void memory_of_the_ended(void) {
    int file = open("/proc/self/mem", O_RDWR);
    NEED(file >= 0);
    char number[16];
    snprintf(number, sizeof number, "%d", file);
    char *arguments[] = { (char *)own_path, "..", "memory", number, NULL };
    pid_t child = vfork();
    if (child == 0) {
        int own = open("/proc/self/mem", O_RDWR);
        dup2(own, file);
        execve(own_path, arguments, environ);
        _exit(120);
    }
    int status;
    waitpid(child, &status, 0);
    // The parent lives in that memory still, so it may be read: but never the new program's.
    close(file);

    char path[64], *pause_arguments[] = { (char *)own_path, "..", "pause", NULL };
    pid_t other;
    CHECK_WORKS(posix_spawn(&other, own_path, NULL, NULL, pause_arguments, environ));
    snprintf(path, sizeof path, "/proc/%d/mem", other);
    file = open(path, O_RDONLY);
    kill(other, SIGKILL);
    waitpid(other, NULL, 0);
    char byte;
    CHECK_EQUAL(pread(file, &byte, 1, (off_t)own_path), 0);
    CHECK_WORKS(posix_spawn(&other, own_path, NULL, NULL, pause_arguments, environ));
    CHECK_EQUAL(pread(file, &byte, 1, (off_t)own_path), 0);
    kill(other, SIGKILL);
    waitpid(other, NULL, 0);
    close(file);
}

static void file_user(void) {
    if (geteuid() != 0)
        return;
    unsigned long long before = effective(), of_files = 1 << CAP_DAC_OVERRIDE | 1 << CAP_FOWNER | 1 << CAP_CHOWN;
    if ((before & of_files) != of_files)
        return;
    syscall(SYS_setfsuid, USER);
    CHECK_EQUAL(syscall(SYS_setfsuid, -1), USER);
    CHECK_EQUAL(effective() & of_files, 0);
    CHECK_EQUAL(effective() | of_files, before & ~0ULL & (effective() | of_files));
    CHECK_EQUAL(prctl(PR_GET_DUMPABLE), 0);
    syscall(SYS_setfsuid, 0);
    CHECK_EQUAL(effective(), before);
    CHECK_WORKS(prctl(PR_SET_DUMPABLE, 1));
}

static void process_controls(void) {
    CHECK_FAILS(prctl(PR_GET_NO_NEW_PRIVS, 1, 0, 0, 0), EINVAL);
    CHECK_FAILS(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0), EINVAL);
    CHECK_FAILS(prctl(PR_SET_THP_DISABLE, 1, 1, 0, 0), EINVAL);
    CHECK_FAILS(prctl(PR_GET_THP_DISABLE, 1, 0, 0, 0), EINVAL);
    CHECK_WORKS(prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0));
    CHECK_EQUAL(prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0), 1);
    CHECK_WORKS(prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0));
    CHECK_FAILS(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 1, 0, 0), EINVAL);
    CHECK_FAILS(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 1, 1, 0), EINVAL);
    CHECK_FAILS(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 99, 0, 0), EINVAL);
    CHECK_FAILS(prctl(PR_SET_DUMPABLE, 2), EINVAL);
    CHECK_FAILS(prctl(PR_SET_PDEATHSIG, 65), EINVAL);
    CHECK_FAILS(prctl(PR_SET_SECCOMP, 9, 0, 0, 0), EINVAL);
    CHECK_FAILS(prctl(PR_SET_TIMING, 1, 0, 0, 0), EINVAL);
    CHECK_EQUAL(prctl(PR_GET_TIMING, 0, 0, 0, 0), 0);
    CHECK_WORKS(prctl(PR_SET_TIMERSLACK, 1234));
    CHECK_EQUAL(prctl(PR_GET_TIMERSLACK), 1234);
    CHECK_WORKS(prctl(PR_SET_TIMERSLACK, 0));
    CHECK_FAILS(prctl(PR_MCE_KILL_GET, 1, 0, 0, 0), EINVAL);
    CHECK_FAILS(prctl(12345), EINVAL);
}

static void secure_bits(void) {
    if (geteuid() != 0 || (effective() >> CAP_SETPCAP & 1) == 0 || prctl(PR_GET_SECUREBITS) != 0)
        return;
    CHECK_FAILS(prctl(PR_SET_SECUREBITS, 1 << 20), EPERM);
    CHECK_WORKS(prctl(PR_SET_SECUREBITS, SECBIT_KEEP_CAPS));
    CHECK_EQUAL(prctl(PR_GET_KEEPCAPS), 1);
    CHECK_WORKS(prctl(PR_SET_KEEPCAPS, 0));
    CHECK_EQUAL(prctl(PR_GET_SECUREBITS), 0);
    CHECK_WORKS(prctl(PR_SET_SECUREBITS, SECBIT_NO_CAP_AMBIENT_RAISE));
    CHECK_FAILS(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_CHOWN, 0, 0), EPERM);
    CHECK_WORKS(prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP_LOCKED));
    CHECK_FAILS(prctl(PR_SET_SECUREBITS, 0), EPERM);
    CHECK_FAILS(prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_NO_SETUID_FIXUP), EPERM);
}

static void namespaces_and_sharing(void) {
    CHECK_FAILS(unshare(0x1), EINVAL);
    CHECK_WORKS(unshare(CLONE_FILES));
    CHECK_WORKS(unshare(CLONE_FS));
    CHECK_WORKS(unshare(0));
}

static bool may_open(const char *format, pid_t process) {
    char path[64];
    snprintf(path, sizeof path, format, (int)process);
    int file = open(path, O_RDONLY);
    if (file >= 0)
        close(file);
    return file >= 0;
}

// Whoever has been allowed to open them may read them, and pass them on.
static void maps_are_secret_when_they_are_opened(void) {
    int maps = open("/proc/self/maps", O_RDONLY), status = -1;
    pid_t parent = getpid(), child = fork();
    if (child == 0) {
        char byte;
        int failed = 0;
        become(USER);
        failed |= may_open("/proc/%d/maps", parent) || errno != EACCES ? 1 : 0;
        failed |= may_open("/proc/%d/smaps", parent) || errno != EACCES ? 2 : 0;
        failed |= !may_open("/proc/%d/stat", parent) ? 4 : 0;
        failed |= read(maps, &byte, 1) != 1 ? 8 : 0;
        struct iovec range = { &byte, 1 };
        errno = 0;
        syscall(SYS_process_madvise, syscall(SYS_pidfd_open, parent, 0), &range, 1, 20, 0);
        failed |= errno != EACCES ? 16 : 0;
        _exit(failed);
    }
    waitpid(child, &status, 0);
    CHECK_EQUAL(status, 0);
    close(maps);
}

int main(int argc, char **argv) {
    static char path[4096];
    own_path = realpath(argv[0], path);
    if (argc > 2 && strcmp(argv[1], "..") == 0)
        return be_child(argc, argv);
    static const struct section sections[] = { SECTION(set_user_id), SECTION(limits_of_others), SECTION(memory_of_the_ended), SECTION(file_user),
        SECTION(process_controls), SECTION(namespaces_and_sharing), SECTION(secure_bits),
        SECTION(maps_are_secret_when_they_are_opened) };
    return run_sections(sections, (int)(sizeof sections / sizeof sections[0]), argc, argv);
}
