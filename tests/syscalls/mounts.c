// File systems in memory: limits, busy mounts, times, links and attributes. Mounting needs root.
#include "check.h"
#include <dirent.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
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

MAIN(SECTION(limits), SECTION(times), SECTION(attributes), SECTION(kinds), SECTION(many_names))
