// File systems in memory: limits, busy mounts, times, links and attributes. Mounting needs root.
#include "check.h"
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

static void limits(void) {
    if (geteuid() != 0)
        return;
    const char *scratch = enter_scratch();
    static char bytes[16384];
    struct statfs status;
    mkdir("m", 0700);
    NEED(mount("none", "m", "tmpfs", 0, "size=8k,nr_inodes=4") == 0);
    CHECK_WORKS(statfs("m", &status));
    CHECK_EQUAL(status.f_blocks, 2);
    CHECK_EQUAL(status.f_files, 4);
    int fd = open("m/file", O_CREAT | O_RDWR, 0600);
    CHECK_EQUAL(pwrite(fd, bytes, sizeof bytes, 0), 8192);
    CHECK_FAILS(pwrite(fd, bytes, 1, 8192), ENOSPC);
    CHECK_WORKS(statfs("m", &status));
    CHECK_EQUAL(status.f_bfree, 0);
    CHECK_FAILS(mount("none", "m", NULL, MS_REMOUNT, "size=4k"), EINVAL);
    CHECK_WORKS(mount("none", "m", NULL, MS_REMOUNT, "size=12k"));
    CHECK_EQUAL(pwrite(fd, bytes, 1, 8192), 1);
    CHECK_WORKS(ftruncate(fd, 0));
    CHECK_FAILS(fallocate(fd, 0, 0, 16384), ENOSPC);
    CHECK_WORKS(fallocate(fd, 0, 0, 8192));
    CHECK_WORKS(mkdir("m/d", 0700));
    CHECK_WORKS(mknod("m/n", S_IFREG | 0600, 0));
    CHECK_FAILS(mkdir("m/e", 0700), ENOSPC);
    CHECK_WORKS(rmdir("m/d"));
    CHECK_WORKS(mkdir("m/e", 0700));
    CHECK_FAILS(umount("m"), EBUSY);
    close(fd);
    CHECK_WORKS(chdir("m/e"));
    CHECK_FAILS(umount(".."), EBUSY);
    CHECK_WORKS(chdir("../.."));
    CHECK_WORKS(umount("m"));
    CHECK_FAILS(mount("none", "m", "tmpfs", 0, "size=x"), EINVAL);
    CHECK_FAILS(mount("none", "m", "tmpfs", 0, "size="), EINVAL);
    CHECK_FAILS(mount("none", "m", "tmpfs", 0, "unknown=1"), EINVAL);
    rmdir("m");
    leave_scratch(scratch);
}

static void times(void) {
    if (geteuid() != 0)
        return;
    const char *scratch = enter_scratch();
    struct stat before, after;
    char byte;
    mkdir("m", 0700);
    NEED(mount("none", "m", "tmpfs", MS_STRICTATIME, NULL) == 0);
    int fd = open("m/file", O_CREAT | O_RDWR, 0600);
    CHECK_EQUAL(write(fd, "x", 1), 1);
    CHECK_EQUAL(pread(fd, &byte, 1, 0), 1);
    fstat(fd, &before);
    usleep(20000);
    CHECK_EQUAL(pread(fd, &byte, 1, 0), 1);
    fstat(fd, &after);
    CHECK(after.st_atim.tv_sec > before.st_atim.tv_sec || after.st_atim.tv_nsec > before.st_atim.tv_nsec);
    close(fd);
    CHECK_WORKS(symlink("file", "m/link"));
    lstat("m/link", &before);
    usleep(20000);
    CHECK_WORKS(stat("m/link", &after));
    lstat("m/link", &after);
    CHECK(after.st_atim.tv_sec > before.st_atim.tv_sec || after.st_atim.tv_nsec > before.st_atim.tv_nsec);
    CHECK_WORKS(umount("m"));
    rmdir("m");
    leave_scratch(scratch);
}

// As for mounts: names of the machine.
static void names(void) {
    if (geteuid() != 0)
        return;
    char name[65];
    CHECK_WORKS(gethostname(name, sizeof name));
    struct pollfd files[2] = { { open("/proc/sys/kernel/hostname", O_RDONLY), POLLIN | POLLPRI, 0 }, { open("/proc/sys/vm/swappiness", O_RDONLY), POLLIN | POLLPRI, 0 } };
    int set = epoll_create1(0);
    struct epoll_event event = { .events = EPOLLIN };
    CHECK_WORKS(epoll_ctl(set, EPOLL_CTL_ADD, files[1].fd, &event));
    CHECK_EQUAL(poll(files, 2, 0), 2);
    CHECK_EQUAL(files[0].revents, POLLIN);
    CHECK_WORKS(sethostname(name, strlen(name)));
    CHECK_EQUAL(poll(files, 2, 0), 2);
    CHECK_EQUAL(files[0].revents, POLLIN | POLLPRI | POLLERR);
    CHECK_EQUAL(files[1].revents, POLLIN);
    CHECK_EQUAL(poll(files, 2, 0), 2);
    CHECK_EQUAL(files[0].revents, POLLIN);
    close(set);
    close(files[0].fd);
    close(files[1].fd);
}

static bool is_mounted_with(const char *options) {
    char line[512], wanted[512], place[256];
    bool found = false;
    snprintf(wanted, sizeof wanted, "none %s/m tmpfs %s", getcwd(place, sizeof place), options);
    FILE *mounts = fopen("/proc/self/mounts", "r");
    while (fgets(line, sizeof line, mounts))
        found |= strncmp(line, wanted, strlen(wanted)) == 0 && (line[strlen(wanted)] == ',' || line[strlen(wanted)] == ' ');
    fclose(mounts);
    return found;
}

static void flags(void) {
    if (geteuid() != 0)
        return;
    const char *scratch = enter_scratch();
    struct statfs status;
    mkdir("m", 0700);
    NEED(mount("none", "m", "tmpfs", MS_NOEXEC | MS_NODIRATIME | MS_NOSUID, NULL) == 0);
    CHECK(is_mounted_with("rw,nosuid,noexec,nodiratime,relatime"));
    CHECK_WORKS(statfs("m", &status));
    CHECK_EQUAL(status.f_flags, 0x20 | 0x1000 | 0x800 | MS_NOEXEC | MS_NOSUID);
    int fd = open("m/file", O_CREAT | O_RDWR, 0700);
    CHECK_WORKS(ftruncate(fd, 4096));
    CHECK_FAILS((long)mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0), EPERM);
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    CHECK_FAILS(mprotect(page, 4096, PROT_READ | PROT_EXEC), EACCES);
    munmap(page, 4096);
    CHECK_FAILS(access("m/file", X_OK), EACCES);
    CHECK_FAILS(execl("m/file", "file", NULL), EACCES);
    // A remount that says nothing of times keeps them, and forgets the rest.
    CHECK_WORKS(mount(NULL, "m", NULL, MS_REMOUNT | MS_NODEV, NULL));
    CHECK(is_mounted_with("rw,nodev,nodiratime,relatime"));
    page = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
    CHECK(page != MAP_FAILED);
    munmap(page, 4096);
    CHECK_WORKS(mknod("m/null", S_IFCHR | 0600, makedev(1, 3)));
    CHECK_FAILS(open("m/null", O_RDONLY), EACCES);
    CHECK_WORKS(mount(NULL, "m", NULL, MS_REMOUNT | MS_NOATIME | MS_RELATIME, NULL));
    CHECK(is_mounted_with("rw,noatime"));
    CHECK_WORKS(mount(NULL, "m", NULL, MS_REMOUNT | MS_STRICTATIME, NULL));
    CHECK(is_mounted_with("rw"));
    CHECK(!is_mounted_with("rw,relatime"));
    close(fd);
    CHECK_WORKS(umount("m"));
    rmdir("m");
    leave_scratch(scratch);
}

// Who polls the list of mounts hears once of each change.
static void changes(void) {
    if (geteuid() != 0)
        return;
    const char *scratch = enter_scratch();
    mkdir("m", 0700);
    struct pollfd lists[2] = { { open("/proc/self/mounts", O_RDONLY), POLLIN | POLLPRI, 0 }, { open("/proc/self/mountinfo", O_RDONLY), POLLPRI, 0 } };
    int set = epoll_create1(0);
    struct epoll_event event = { .events = EPOLLPRI };
    CHECK_WORKS(epoll_ctl(set, EPOLL_CTL_ADD, lists[0].fd, &event));
    CHECK_EQUAL(poll(lists, 2, 0), 1);
    CHECK_EQUAL(lists[0].revents, POLLIN);
    CHECK_EQUAL(epoll_wait(set, &event, 1, 0), 0);
    NEED(mount("none", "m", "tmpfs", 0, NULL) == 0);
    CHECK_EQUAL(poll(lists, 2, -1), 2);
    CHECK_EQUAL(lists[0].revents, POLLIN | POLLPRI | POLLERR);
    CHECK_EQUAL(lists[1].revents, POLLPRI | POLLERR);
    CHECK_EQUAL(poll(lists + 1, 1, 0), 0);
    CHECK_WORKS(umount("m"));
    CHECK_EQUAL(poll(lists + 1, 1, -1), 1);
    CHECK_EQUAL(poll(lists, 2, 0), 1);
    close(set);
    close(lists[0].fd);
    close(lists[1].fd);
    rmdir("m");
    leave_scratch(scratch);
}

static void attributes(void) {
    if (geteuid() != 0)
        return;
    const char *scratch = enter_scratch();
    // VFS_CAP_REVISION_2, one capability.
    static const unsigned capability[5] = {0x02000000, 1 << 10, 0, 0, 0};
    int fd = open("file", O_CREAT | O_RDWR, 0755);
    char value[64];
    CHECK_WORKS(fsetxattr(fd, "security.capability", capability, sizeof capability, 0));
    CHECK_EQUAL(write(fd, "x", 1), 1);
    CHECK_FAILS(fgetxattr(fd, "security.capability", value, sizeof value), ENODATA);
    CHECK_WORKS(fsetxattr(fd, "security.capability", capability, sizeof capability, 0));
    CHECK_WORKS(fchown(fd, 1, 1));
    CHECK_FAILS(fgetxattr(fd, "security.capability", value, sizeof value), ENODATA);
    CHECK_FAILS(open(".", O_RDONLY | O_DIRECT), EINVAL);
    close(fd);
    unlink("file");
    leave_scratch(scratch);
}

static void kinds(void) {
    struct statfs status;
    int ends[2], pair[2];
    NEED(pipe(ends) == 0 && socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    CHECK_WORKS(fstatfs(ends[0], &status));
    CHECK_EQUAL(status.f_type, 0x50495045);
    CHECK_WORKS(fstatfs(pair[0], &status));
    CHECK_EQUAL(status.f_type, 0x534F434B);
    close(ends[0]);
    close(ends[1]);
    close(pair[0]);
    close(pair[1]);
}

// Names that come and go: listings are complete, and removing in order costs no more than otherwise.
static void many_names(void) {
    const char *scratch = enter_scratch();
    char name[32];
    for (int i = 0; i < 3000; i++) {
        snprintf(name, sizeof name, "n%d", i);
        int fd = open(name, O_CREAT | O_WRONLY, 0600);
        close(fd);
    }
    for (int i = 0; i < 3000; i += 2) {
        snprintf(name, sizeof name, "n%d", i);
        CHECK_WORKS(unlink(name));
    }
    DIR *listing = opendir(".");
    int count = 0;
    while (readdir(listing))
        count++;
    CHECK_EQUAL(count, 1502);
    rewinddir(listing);
    struct dirent *entry;
    while ((entry = readdir(listing)))
        if (entry->d_name[0] == 'n')
            CHECK_WORKS(unlink(entry->d_name));
    closedir(listing);
    CHECK_WORKS(chdir("/"));
    CHECK_WORKS(rmdir(scratch));
}

MAIN(SECTION(limits), SECTION(times), SECTION(flags), SECTION(changes), SECTION(names), SECTION(attributes), SECTION(kinds), SECTION(many_names))
