// /proc and /sys: what programs look for.
#include "check.h"
#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>

static const char *text_of(const char *path) {
    static char text[4096];
    int fd = open(path, O_RDONLY);
    ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    close(fd);
    text[length < 0 ? 0 : length] = 0;
    return text;
}

static void namespaces(void) {
    static const char *names[] = {"cgroup", "ipc", "mnt", "net", "pid", "user", "uts"};
    for (int i = 0; i < 7; i++) {
        char path[64], text[64] = "", wanted[64];
        struct stat status;
        snprintf(path, sizeof path, "/proc/self/ns/%s", names[i]);
        CHECK(readlink(path, text, sizeof text - 1) > 0);
        CHECK_WORKS(stat(path, &status));
        snprintf(wanted, sizeof wanted, "%s:[%lu]", names[i], (unsigned long)status.st_ino);
        CHECK_TEXT(text, wanted);
        int fd = open(path, O_RDONLY);
        CHECK(fd >= 0);
        close(fd);
    }
}

static void topology(void) {
    static const char *files[] = {"thread_siblings", "thread_siblings_list", "core_cpus", "core_cpus_list", "core_siblings",
        "core_siblings_list", "package_cpus", "package_cpus_list", "core_id", "physical_package_id"};
    for (int i = 0; i < 10; i++) {
        char path[96];
        snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu0/topology/%s", files[i]);
        CHECK(strlen(text_of(path)) > 1);
    }
    CHECK(strtoul(text_of("/sys/devices/system/cpu/cpu0/topology/core_cpus"), NULL, 16) & 1);
    CHECK(strstr(text_of("/sys/devices/system/node/node0/meminfo"), "Node 0 MemTotal:") != NULL);
    CHECK(strncmp(text_of("/sys/devices/system/node/node0/distance"), "10", 2) == 0);
    CHECK_WORKS(access("/sys/dev/block", R_OK));
    CHECK_WORKS(access("/sys/class/block", R_OK));
}

static void controls(void) {
    CHECK_TEXT(text_of("/proc/sys/kernel/overflowuid"), "65534\n");
    CHECK_TEXT(text_of("/proc/sys/kernel/overflowgid"), "65534\n");
    CHECK_TEXT(text_of("/proc/sys/fs/protected_hardlinks"), "1\n");
    CHECK(atoi(text_of("/proc/sys/fs/inotify/max_queued_events")) > 0);
    CHECK(strstr(text_of("/proc/interrupts"), "CPU0") != NULL);
    CHECK_WORKS(access("/proc/diskstats", R_OK));
}

static void children(void) {
    char path[64], wanted[32];
    int ends[2], status;
    pid_t child;
    NEED(pipe2(ends, O_CLOEXEC) == 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[0], 0);
    char *arguments[] = {"cat", NULL};
    CHECK_WORKS(posix_spawn(&child, "/bin/cat", &actions, NULL, arguments, NULL));
    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    snprintf(wanted, sizeof wanted, "%d ", (int)child);
    CHECK(strstr(text_of(path), wanted) != NULL);
    close(ends[0]);
    close(ends[1]);
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    posix_spawn_file_actions_destroy(&actions);
}

MAIN(SECTION(namespaces), SECTION(topology), SECTION(controls), SECTION(children))
