// Who a program is: user and group ids, groups, capabilities, and names of the machine.
#include "check.h"
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <sys/wait.h>

// What changes the ids for good happens in a child, whose own they are.
static int in_child(int (*run)(void)) {
    int status;
    pid_t child = vfork();
    if (child == 0)
        _exit(run());
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void plain_ids(void) {
    uid_t real, effective, saved;
    gid_t real_group, effective_group, saved_group;
    CHECK_WORKS(getresuid(&real, &effective, &saved));
    CHECK_WORKS(getresgid(&real_group, &effective_group, &saved_group));
    CHECK_EQUAL(real, getuid());
    CHECK_EQUAL(effective, geteuid());
    CHECK_EQUAL(real_group, getgid());
    CHECK_EQUAL(effective_group, getegid());
    CHECK_EQUAL(getpgrp(), getpgid(0));
    // 0 where the session leader lives in an outer PID namespace (getsid(2), pid_namespaces(7)), as in a container.
    CHECK(getsid(0) >= 0);
    CHECK_FAILS(syscall(SYS_getresuid, 8, 8, 8), EFAULT);
}

#define EXPECT(number, value) do { if (!(value)) return number; } while (0)

// In these, plain system calls: the C library's functions of the same names would change the other threads' ids too.
static int drop_effective(void) {
    uid_t real, effective, saved;
    EXPECT(2, syscall(SYS_setresuid, -1, 1000, -1) == 0);
    EXPECT(3, syscall(SYS_getresuid, &real, &effective, &saved) == 0 && real == 0 && effective == 1000 && saved == 0);
    EXPECT(4, syscall(SYS_setresuid, -1, 1001, -1) == -1 && errno == EPERM);
    EXPECT(5, syscall(SYS_setresuid, -1, 0, -1) == 0);
    return 0;
}

static int drop_for_good(void) {
    uid_t real, effective, saved;
    EXPECT(2, syscall(SYS_setgid, 1000) == 0);
    EXPECT(3, syscall(SYS_setuid, 1000) == 0);
    EXPECT(4, syscall(SYS_getresuid, &real, &effective, &saved) == 0 && real == 1000 && effective == 1000 && saved == 1000);
    EXPECT(5, syscall(SYS_setuid, 0) == -1 && errno == EPERM);
    EXPECT(6, syscall(SYS_setgid, 0) == -1 && errno == EPERM);
    EXPECT(7, syscall(SYS_setresuid, 1000, 1000, 1000) == 0);
    EXPECT(8, syscall(SYS_setgroups, 0, NULL) == -1 && errno == EPERM);
    EXPECT(9, getuid() == 1000 && getgid() == 1000);
    return 0;
}

static int swap_ids(void) {
    uid_t real, effective, saved;
    EXPECT(2, syscall(SYS_setreuid, 1000, 1001) == 0);
    EXPECT(3, syscall(SYS_getresuid, &real, &effective, &saved) == 0 && real == 1000 && effective == 1001 && saved == 1001);
    EXPECT(4, syscall(SYS_setreuid, 1001, 1000) == 0);
    EXPECT(5, syscall(SYS_setreuid, -1, 0) == -1 && errno == EPERM);
    return 0;
}

static int file_ids(void) {
    EXPECT(2, setfsuid(1000) == 0);
    EXPECT(3, setfsuid((uid_t)-1) == 1000);
    EXPECT(4, setfsgid(1000) == 0);
    EXPECT(5, setfsgid((gid_t)-1) == 1000);
    return 0;
}

static int change_groups(void) {
    gid_t groups[70] = { 5, 3, 9 }, read[70];
    EXPECT(2, syscall(SYS_setgroups, 3, groups) == 0);
    EXPECT(3, getgroups(0, NULL) == 3);
    EXPECT(4, getgroups(70, read) == 3 && read[0] + read[1] + read[2] == 17);
    EXPECT(5, getgroups(2, read) == -1 && errno == EINVAL);
    EXPECT(6, syscall(SYS_setgroups, 70000, groups) == -1 && errno == EINVAL);
    for (int i = 0; i < 70; i++)
        groups[i] = (gid_t)i;
    EXPECT(7, syscall(SYS_setgroups, 70, groups) == 0 && getgroups(0, NULL) == 70);
    EXPECT(8, syscall(SYS_setgroups, 0, NULL) == 0 && getgroups(0, NULL) == 0);
    return 0;
}

static void changes_of_ids(void) {
    if (geteuid() != 0)
        return;
    CHECK_EQUAL(in_child(drop_effective), 0);
    CHECK_EQUAL(in_child(drop_for_good), 0);
    CHECK_EQUAL(in_child(swap_ids), 0);
    CHECK_EQUAL(in_child(file_ids), 0);
    CHECK_EQUAL(in_child(change_groups), 0);
    // The child's were its own.
    CHECK_EQUAL(getuid(), 0);
    CHECK_FAILS(syscall(SYS_setuid, -1), EINVAL);
    CHECK_FAILS(syscall(SYS_setgid, -1), EINVAL);
}

static int capabilities_of_child(void) {
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct data[2];
    EXPECT(2, syscall(SYS_capget, &header, data) == 0);
    EXPECT(3, (data[0].permitted & 1u << CAP_CHOWN) != 0 && (data[0].effective & 1u << CAP_CHOWN) != 0);
    data[0].effective &= ~(1u << CAP_CHOWN);
    EXPECT(4, syscall(SYS_capset, &header, data) == 0);
    EXPECT(5, syscall(SYS_capget, &header, data) == 0 && (data[0].effective & 1u << CAP_CHOWN) == 0);
    data[0].effective |= 1u << CAP_CHOWN;
    EXPECT(6, syscall(SYS_capset, &header, data) == 0);
    EXPECT(7, syscall(SYS_setuid, 1000) == 0);
    EXPECT(8, syscall(SYS_capget, &header, data) == 0 && data[0].effective == 0 && data[0].permitted == 0);
    data[0].effective = data[0].permitted = 1;
    EXPECT(9, syscall(SYS_capset, &header, data) == -1 && errno == EPERM);
    return 0;
}

static void capabilities(void) {
    struct __user_cap_header_struct header = { .version = 0x12345 };
    struct __user_cap_data_struct data[2];
    CHECK_FAILS(syscall(SYS_capget, &header, data), EINVAL);
    CHECK_EQUAL(header.version, _LINUX_CAPABILITY_VERSION_3);
    header.pid = 0x3FFFFFFF;
    CHECK_FAILS(syscall(SYS_capget, &header, data), ESRCH);
    if (geteuid() == 0)
        CHECK_EQUAL(in_child(capabilities_of_child), 0);
    CHECK(prctl(PR_CAPBSET_READ, CAP_CHOWN) >= 0);
    CHECK_FAILS(prctl(PR_CAPBSET_READ, 999), EINVAL);
}

static void machine(void) {
    struct utsname name;
    CHECK_WORKS(uname(&name));
    CHECK_TEXT(name.sysname, "Linux");
    CHECK_TEXT(name.machine, "x86_64");
    CHECK(atoi(name.release) >= 4);
    char host[128];
    CHECK_WORKS(gethostname(host, sizeof host));
    CHECK_TEXT(host, name.nodename);
    CHECK_FAILS(syscall(SYS_uname, 8), EFAULT);
    struct sysinfo info;
    CHECK_WORKS(sysinfo(&info));
    CHECK(info.totalram > 0 && info.freeram > 0 && info.procs > 0);
    CHECK(sysconf(_SC_NPROCESSORS_ONLN) >= 1);
    CHECK_EQUAL(sysconf(_SC_PAGESIZE), 4096);
}

static void calls_that_do_not_exist(void) {
    CHECK_FAILS(syscall(1000), ENOSYS);
    CHECK_FAILS(syscall(-1), ENOSYS);
    CHECK_FAILS(syscall(0x40000000), ENOSYS);
    CHECK_FAILS(syscall(400), ENOSYS);
}

MAIN(SECTION(plain_ids), SECTION(changes_of_ids), SECTION(capabilities), SECTION(machine), SECTION(calls_that_do_not_exist))
