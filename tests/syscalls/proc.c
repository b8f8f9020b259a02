// /proc and /sys: what programs look for.
#include "check.h"
#include <sys/prctl.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
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

static void adjustment_of_score(void) {
    int file = open("/proc/self/oom_score_adj", O_RDWR);
    NEED(file >= 0);
    // What is written is a string: it may end earlier.
    CHECK_EQUAL(pwrite(file, "7", 2, 0), 2);
    CHECK_EQUAL(pwrite(file, "8\0 9", 4, 0), 4);
    char text[16] = "";
    CHECK_EQUAL(pread(file, text, sizeof text - 1, 0), 2);
    CHECK_TEXT(text, "8\n");
    CHECK_EQUAL(pwrite(file, "0", 1, 0), 1);
    close(file);
}

// The line of smaps that begins with a word, of the mapping at an address.
static const char *detail_of(const void *address, const char *word) {
    static char line[256];
    char start[32];
    snprintf(start, sizeof start, "%lx-", (unsigned long)address);
    FILE *stream = fopen("/proc/self/smaps", "re");
    bool isInside = false;
    while (stream && fgets(line, sizeof line, stream)) {
        if (strncmp(line, start, strlen(start)) == 0)
            isInside = true;
        else if (isInside && strncmp(line, word, strlen(word)) == 0)
            break;
    }
    fclose(stream);
    return line;
}

static bool has_flag(const void *address, const char *flag) {
    char word[8];
    snprintf(word, sizeof word, " %s ", flag);
    return strstr(detail_of(address, "VmFlags:"), word) != NULL;
}

static void details_of_mappings(void) {
    int program = open("/proc/self/exe", O_RDONLY);
    char *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    char *of_file = mmap(NULL, 4096, PROT_READ, MAP_SHARED, program, 0);
    NEED(shared != MAP_FAILED && of_file != MAP_FAILED);
    *shared = 1;
    CHECK(has_flag(shared, "sh") && has_flag(shared, "ms") && has_flag(shared, "mw") && has_flag(shared, "wr"));
    CHECK(!has_flag(of_file, "sh") && has_flag(of_file, "ms") && !has_flag(of_file, "mw") && has_flag(of_file, "mr"));
    // Shared memory is a file without a name.
    CHECK_EQUAL(atoi(detail_of(shared, "Anonymous:") + strlen("Anonymous:")), 0);
    CHECK_EQUAL(atoi(detail_of(shared, "Rss:") + strlen("Rss:")), 4);
    munmap(shared, 4096);
    munmap(of_file, 4096);
    close(program);
}

static void timer_slack(void) {
    char text[32] = "";
    int file = open("/proc/self/timerslack_ns", O_RDWR);
    NEED(file >= 0);
    CHECK_WORKS(prctl(PR_SET_TIMERSLACK, 70000));
    CHECK_EQUAL(pread(file, text, sizeof text, 0), 6);
    CHECK_TEXT(text, "70000\n");
    CHECK_EQUAL(write(file, "80000\n", 6), 6);
    CHECK_EQUAL(prctl(PR_GET_TIMERSLACK), 80000);
    CHECK_FAILS(write(file, "x", 1), EINVAL);
    CHECK_EQUAL(write(file, "0", 1), 1);
    CHECK_EQUAL(prctl(PR_GET_TIMERSLACK), 50000);
    close(file);
}

MAIN(SECTION(adjustment_of_score), SECTION(details_of_mappings), SECTION(namespaces), SECTION(topology), SECTION(controls), SECTION(children), SECTION(timer_slack))
