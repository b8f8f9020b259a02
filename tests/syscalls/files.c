// Files: opening, reading and writing, names, attributes, locks, and the special file systems.
#include "check.h"
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/auxv.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>

static int make(const char *path, const char *text) {
    int file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    CHECK(file >= 0);
    CHECK_EQUAL(write(file, text, strlen(text)), strlen(text));
    return file;
}

static void make_closed(const char *path, const char *text) {
    close(make(path, text));
}

static const char *content(const char *path) {
    static char text[4096];
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = file < 0 ? -1 : read(file, text, sizeof text - 1);
    close(file);
    text[length < 0 ? 0 : length] = 0;
    return length < 0 ? "(unreadable)" : text;
}

static long size_of(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 ? status.st_size : -1;
}

static mode_t mode_of(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 ? status.st_mode : 0;
}

static void open_flags(void) {
    const char *scratch = enter_scratch();
    CHECK_FAILS(open("a", O_RDONLY), ENOENT);
    int file = open("a", O_RDWR | O_CREAT | O_EXCL, 0640);
    NEED(file >= 0);
    CHECK_FAILS(open("a", O_RDWR | O_CREAT | O_EXCL, 0640), EEXIST);
    CHECK_EQUAL(mode_of("a"), S_IFREG | 0640);
    CHECK_EQUAL(write(file, "hello", 5), 5);
    close(file);
    file = open("a", O_WRONLY | O_TRUNC);
    CHECK_EQUAL(size_of("a"), 0);
    char value;
    CHECK_FAILS(read(file, &value, 1), EBADF);
    close(file);
    file = open("a", O_RDONLY);
    CHECK_FAILS(write(file, "x", 1), EBADF);
    CHECK_EQUAL(fcntl(file, F_GETFL) & O_ACCMODE, O_RDONLY);
    close(file);
    CHECK_FAILS(open("a", O_RDONLY | O_DIRECTORY), ENOTDIR);
    CHECK_FAILS(open(".", O_RDWR), EISDIR);
    CHECK_FAILS(open("a/b", O_RDONLY), ENOTDIR);
    CHECK_FAILS(open("a/", O_RDONLY), ENOTDIR);
    CHECK_FAILS(open("", O_RDONLY), ENOENT);
    CHECK_FAILS(open("new/", O_RDWR | O_CREAT, 0600), EISDIR);
    symlink("a", "link");
    CHECK_FAILS(open("link", O_RDONLY | O_NOFOLLOW), ELOOP);
    file = open("link", O_PATH | O_NOFOLLOW);
    CHECK(file >= 0);
    CHECK_FAILS(read(file, &value, 1), EBADF);
    struct stat status;
    CHECK_WORKS(fstat(file, &status));
    CHECK_EQUAL(status.st_mode & S_IFMT, S_IFLNK);
    CHECK_EQUAL(fcntl(file, F_GETFL) & O_PATH, O_PATH);
    close(file);
    symlink("loop", "loop");
    CHECK_FAILS(open("loop", O_RDONLY), ELOOP);
    symlink("made", "dangling");
    file = open("dangling", O_RDWR | O_CREAT, 0600);
    CHECK(file >= 0);
    CHECK_EQUAL(size_of("made"), 0);
    close(file);
    file = open(".", O_RDWR | O_TMPFILE, 0600);
    CHECK(file >= 0);
    CHECK_EQUAL(write(file, "temporary", 9), 9);
    CHECK_WORKS(fstat(file, &status));
    CHECK_EQUAL(status.st_nlink, 0);
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    CHECK_WORKS(linkat(AT_FDCWD, path, AT_FDCWD, "kept", AT_SYMLINK_FOLLOW));
    CHECK_TEXT(content("kept"), "temporary");
    close(file);
    char long_name[300];
    memset(long_name, 'n', sizeof long_name);
    long_name[256] = 0;
    CHECK_FAILS(open(long_name, O_RDWR | O_CREAT, 0600), ENAMETOOLONG);
    long_name[255] = 0;
    file = open(long_name, O_RDWR | O_CREAT, 0600);
    CHECK(file >= 0);
    close(file);
    unlink(long_name);
    unlink("a");
    unlink("link");
    unlink("loop");
    unlink("made");
    unlink("dangling");
    unlink("kept");
    leave_scratch(scratch);
}

static void vectors_and_positions(void) {
    const char *scratch = enter_scratch();
    int file = make("a", "");
    char one[4] = "", two[8] = "", three[4] = "";
    struct iovec out[3] = { { "abc", 3 }, { "", 0 }, { "defgh", 5 } };
    CHECK_EQUAL(writev(file, out, 3), 8);
    CHECK_EQUAL(lseek(file, 0, SEEK_CUR), 8);
    struct iovec in[3] = { { one, 2 }, { two, 5 }, { three, 3 } };
    lseek(file, 0, SEEK_SET);
    CHECK_EQUAL(readv(file, in, 3), 8);
    CHECK_TEXT(one, "ab");
    CHECK_TEXT(two, "cdefg");
    CHECK_TEXT(three, "h");
    CHECK_EQUAL(pwrite(file, "XY", 2, 1), 2);
    CHECK_EQUAL(lseek(file, 0, SEEK_CUR), 8);
    CHECK_EQUAL(pread(file, two, 4, 0), 4);
    CHECK(memcmp(two, "aXYd", 4) == 0);
    CHECK_EQUAL(pwritev(file, out, 3, 100), 8);
    CHECK_EQUAL(size_of("a"), 108);
    CHECK_EQUAL(preadv(file, in, 1, 100), 2);
    CHECK_EQUAL(pwritev2(file, out, 1, -1, RWF_APPEND), 3);
    CHECK_EQUAL(size_of("a"), 111);
    CHECK_EQUAL(pread(file, two, 8, 111), 0);
    CHECK_EQUAL(pread(file, two, 8, 1000), 0);
    CHECK_FAILS(pread(file, two, 8, -1), EINVAL);
    CHECK_FAILS(readv(file, in, -1), EINVAL);
    CHECK_FAILS(readv(file, in, 1025), EINVAL);
    struct iovec negative = { one, (size_t)-1 };
    CHECK_FAILS(readv(file, &negative, 1), EINVAL);
    CHECK_EQUAL(write(file, NULL, 0), 0);
    CHECK_FAILS(write(file, (void *)8, 5), EFAULT);
    CHECK_FAILS(read(999, one, 1), EBADF);
    close(file);
    file = open("a", O_WRONLY | O_APPEND);
    lseek(file, 0, SEEK_SET);
    CHECK_EQUAL(write(file, "end", 3), 3);
    CHECK_EQUAL(lseek(file, 0, SEEK_CUR), 114);
    fcntl(file, F_SETFL, 0);
    CHECK_EQUAL(fcntl(file, F_GETFL) & O_APPEND, 0);
    CHECK_EQUAL(pwrite(file, "0", 1, 0), 1);
    CHECK_EQUAL(size_of("a"), 114);
    close(file);
    int folder = open(".", O_RDONLY);
    CHECK_FAILS(read(folder, one, 1), EISDIR);
    close(folder);
    unlink("a");
    leave_scratch(scratch);
}

static void seeking(void) {
    const char *scratch = enter_scratch();
    int file = make("a", "12345");
    CHECK_EQUAL(lseek(file, -2, SEEK_END), 3);
    CHECK_FAILS(lseek(file, -4, SEEK_CUR), EINVAL);
    CHECK_EQUAL(lseek(file, 0, SEEK_CUR), 3);
    CHECK_FAILS(lseek(file, 0, 99), EINVAL);
    CHECK_EQUAL(lseek(file, 1 << 20, SEEK_SET), 1 << 20);
    CHECK_EQUAL(write(file, "x", 1), 1);
    CHECK_EQUAL(lseek(file, 0, SEEK_DATA), 0);
    long hole = lseek(file, 0, SEEK_HOLE);
    CHECK(hole >= 5 && hole <= 65536);
    long data = lseek(file, 65536, SEEK_DATA);
    CHECK(data > 65536 && data <= 1 << 20);
    CHECK_EQUAL(lseek(file, 1 << 20, SEEK_HOLE), (1 << 20) + 1);
    CHECK_FAILS(lseek(file, (1 << 20) + 1, SEEK_DATA), ENXIO);
    struct stat status;
    fstat(file, &status);
    CHECK(status.st_blocks * 512 < 1 << 20);
    CHECK_EQUAL(status.st_size, (1 << 20) + 1);
    char zeros[100];
    CHECK_EQUAL(pread(file, zeros, 100, 50000), 100);
    CHECK_EQUAL(zeros[0] | zeros[99], 0);
    close(file);
    int ends[2];
    pipe(ends);
    CHECK_FAILS(lseek(ends[0], 0, SEEK_CUR), ESPIPE);
    CHECK_FAILS(pread(ends[0], zeros, 1, 0), ESPIPE);
    close(ends[0]);
    close(ends[1]);
    unlink("a");
    leave_scratch(scratch);
}

static void sizes(void) {
    const char *scratch = enter_scratch();
    int file = make("a", "0123456789");
    CHECK_WORKS(ftruncate(file, 4));
    CHECK_EQUAL(size_of("a"), 4);
    CHECK_WORKS(truncate("a", 8));
    char text[9] = "";
    CHECK_EQUAL(pread(file, text, 8, 0), 8);
    CHECK(memcmp(text, "0123\0\0\0\0", 8) == 0);
    CHECK_FAILS(truncate("a", -1), EINVAL);
    CHECK_FAILS(truncate("missing", 1), ENOENT);
    CHECK_FAILS(truncate(".", 1), EISDIR);
    CHECK_WORKS(fallocate(file, 0, 0, 10000));
    CHECK_EQUAL(size_of("a"), 10000);
    CHECK_WORKS(fallocate(file, FALLOC_FL_KEEP_SIZE, 10000, 10000));
    CHECK_EQUAL(size_of("a"), 10000);
    pwrite(file, "data", 4, 5000);
    CHECK_WORKS(fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4096, 4096));
    CHECK_EQUAL(pread(file, text, 4, 5000), 4);
    CHECK_EQUAL(text[0], 0);
    CHECK_FAILS(fallocate(file, FALLOC_FL_PUNCH_HOLE, 0, 10), EOPNOTSUPP);
    CHECK_FAILS(fallocate(file, 0, 0, 0), EINVAL);
    CHECK_FAILS(fallocate(file, 0, -1, 10), EINVAL);
    CHECK_WORKS(posix_fadvise(file, 0, 0, POSIX_FADV_WILLNEED));
    CHECK_EQUAL(posix_fadvise(file, 0, 0, 99), EINVAL);
    CHECK_WORKS(fsync(file));
    CHECK_WORKS(fdatasync(file));
    close(file);
    CHECK_FAILS(fsync(file), EBADF);
    file = open("a", O_RDONLY);
    CHECK_FAILS(ftruncate(file, 0), EINVAL);
    close(file);
    unlink("a");
    leave_scratch(scratch);
}

static void status_fields(void) {
    const char *scratch = enter_scratch();
    int file = make("a", "12345");
    struct stat one, two;
    CHECK_WORKS(fstat(file, &one));
    CHECK_WORKS(stat("a", &two));
    CHECK_EQUAL(one.st_ino, two.st_ino);
    CHECK_EQUAL(one.st_dev, two.st_dev);
    CHECK_EQUAL(one.st_size, 5);
    CHECK_EQUAL(one.st_nlink, 1);
    CHECK_EQUAL(one.st_uid, geteuid());
    CHECK_EQUAL(one.st_gid, getegid());
    CHECK_EQUAL(one.st_blksize, 4096);
    CHECK_EQUAL(one.st_mode & S_IFMT, S_IFREG);
    CHECK_WORKS(link("a", "b"));
    CHECK_WORKS(stat("b", &two));
    CHECK_EQUAL(two.st_ino, one.st_ino);
    CHECK_EQUAL(two.st_nlink, 2);
    CHECK_WORKS(unlink("a"));
    CHECK_WORKS(fstat(file, &one));
    CHECK_EQUAL(one.st_nlink, 1);
    CHECK_WORKS(unlink("b"));
    CHECK_WORKS(fstat(file, &one));
    CHECK_EQUAL(one.st_nlink, 0);
    close(file);
    CHECK_WORKS(mkdir("folder", 0755));
    CHECK_WORKS(stat("folder", &one));
    CHECK_EQUAL(one.st_mode, S_IFDIR | 0755);
    CHECK_WORKS(symlink("target", "link"));
    CHECK_WORKS(lstat("link", &one));
    CHECK_EQUAL(one.st_mode & S_IFMT, S_IFLNK);
    CHECK_EQUAL(one.st_size, 6);
    CHECK_FAILS(stat("link", &one), ENOENT);
    CHECK_WORKS(fstatat(AT_FDCWD, "link", &one, AT_SYMLINK_NOFOLLOW));
    CHECK_FAILS(fstatat(AT_FDCWD, "link", &one, 0x40000), EINVAL);
    CHECK_FAILS(fstatat(999, "link", &one, 0), EBADF);
    CHECK_WORKS(fstatat(AT_FDCWD, "", &one, AT_EMPTY_PATH));
    CHECK_EQUAL(one.st_mode & S_IFMT, S_IFDIR);
    struct statx extended;
    memset(&extended, 0, sizeof extended);
    file = make("a", "123");
    CHECK_WORKS(statx(file, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME, &extended));
    CHECK_EQUAL(extended.stx_mask & STATX_BASIC_STATS, STATX_BASIC_STATS);
    CHECK_EQUAL(extended.stx_size, 3);
    CHECK_EQUAL(extended.stx_nlink, 1);
    CHECK_EQUAL(extended.stx_mode & S_IFMT, S_IFREG);
    fstat(file, &one);
    CHECK_EQUAL(extended.stx_ino, one.st_ino);
    CHECK_EQUAL(makedev(extended.stx_dev_major, extended.stx_dev_minor), one.st_dev);
    CHECK_EQUAL(extended.stx_mtime.tv_sec, one.st_mtim.tv_sec);
    CHECK_FAILS(statx(AT_FDCWD, "a", 0x8000000, STATX_BASIC_STATS, &extended), EINVAL);
    CHECK_FAILS(statx(AT_FDCWD, "a", 0, 0x80000000, &extended), EINVAL);
    close(file);
    unlink("a");
    unlink("link");
    rmdir("folder");
    leave_scratch(scratch);
}

static void times_of_files(void) {
    const char *scratch = enter_scratch();
    make_closed("a", "x");
    struct stat status, later;
    struct timespec times[2] = { { 1000000000, 123456789 }, { 1100000000, 987654321 } };
    CHECK_WORKS(utimensat(AT_FDCWD, "a", times, 0));
    CHECK_WORKS(stat("a", &status));
    CHECK_EQUAL(status.st_atim.tv_sec, 1000000000);
    CHECK_EQUAL(status.st_atim.tv_nsec, 123456789);
    CHECK_EQUAL(status.st_mtim.tv_sec, 1100000000);
    CHECK_EQUAL(status.st_mtim.tv_nsec, 987654321);
    times[0].tv_nsec = UTIME_OMIT;
    times[1].tv_nsec = UTIME_NOW;
    CHECK_WORKS(utimensat(AT_FDCWD, "a", times, 0));
    CHECK_WORKS(stat("a", &status));
    CHECK_EQUAL(status.st_atim.tv_sec, 1000000000);
    CHECK(status.st_mtim.tv_sec > 1500000000);
    int file = open("a", O_WRONLY);
    times[1] = (struct timespec){ 5, 5 };
    CHECK_WORKS(futimens(file, times));
    CHECK_WORKS(fstat(file, &status));
    CHECK_EQUAL(status.st_mtim.tv_sec, 5);
    CHECK_EQUAL(write(file, "y", 1), 1);
    CHECK_WORKS(fstat(file, &later));
    CHECK(later.st_mtim.tv_sec > 1500000000);
    CHECK(later.st_ctim.tv_sec >= status.st_ctim.tv_sec);
    close(file);
    times[1].tv_nsec = 1000000000;
    CHECK_FAILS(utimensat(AT_FDCWD, "a", times, 0), EINVAL);
    CHECK_FAILS(utimensat(AT_FDCWD, "missing", NULL, 0), ENOENT);
    struct timeval old[2] = { { 3, 0 }, { 4, 0 } };
    CHECK_WORKS(utimes("a", old));
    CHECK_WORKS(stat("a", &status));
    CHECK_EQUAL(status.st_mtim.tv_sec, 4);
    // A new name changes the folder's time of modification.
    struct stat folder;
    times[0] = times[1] = (struct timespec){ 7, 0 };
    utimensat(AT_FDCWD, ".", times, 0);
    make_closed("b", "");
    stat(".", &folder);
    CHECK(folder.st_mtim.tv_sec > 7);
    unlink("a");
    unlink("b");
    leave_scratch(scratch);
}

static int compare_names(const void *one, const void *two) {
    return strcmp(one, two);
}

static void folders(void) {
    const char *scratch = enter_scratch();
    enum { COUNT = 500 };
    char name[32];
    static char seen[COUNT + 10][32];
    CHECK_WORKS(mkdir("folder", 0700));
    CHECK_FAILS(mkdir("folder", 0700), EEXIST);
    CHECK_FAILS(mkdir("missing/folder", 0700), ENOENT);
    for (int i = 0; i < COUNT; i++) {
        snprintf(name, sizeof name, "folder/%04d", i);
        make_closed(name, "");
    }
    DIR *folder = opendir("folder");
    NEED(folder != NULL);
    struct dirent *entry;
    int count = 0;
    while ((entry = readdir(folder)) != NULL && count < COUNT + 10) {
        snprintf(seen[count++], sizeof seen[0], "%.31s", entry->d_name);
        if (entry->d_name[0] == '.')
            CHECK_EQUAL(entry->d_type, DT_DIR);
        else if (entry->d_type != DT_REG)
            CHECK_EQUAL(entry->d_type, DT_REG);
    }
    CHECK_EQUAL(count, COUNT + 2);
    qsort(seen, (size_t)count, sizeof seen[0], compare_names);
    CHECK_TEXT(seen[0], ".");
    CHECK_TEXT(seen[1], "..");
    int wrong = 0;
    for (int i = 0; i < COUNT; i++) {
        snprintf(name, sizeof name, "%04d", i);
        wrong += strcmp(seen[i + 2], name) != 0;
    }
    CHECK_EQUAL(wrong, 0);
    // While it is read its files are removed: each is seen once at most, and the folder is empty in the end.
    rewinddir(folder);
    count = 0;
    while ((entry = readdir(folder)) != NULL)
        if (entry->d_name[0] != '.') {
            count++;
            CHECK_WORKS(unlinkat(dirfd(folder), entry->d_name, 0));
        }
    CHECK_EQUAL(count, COUNT);
    rewinddir(folder);
    CHECK(readdir(folder) != NULL);
    long place = telldir(folder);
    CHECK(readdir(folder) != NULL);
    CHECK(readdir(folder) == NULL);
    seekdir(folder, place);
    CHECK(readdir(folder) != NULL);
    char small[8];
    lseek(dirfd(folder), 0, SEEK_SET);
    CHECK_FAILS(syscall(SYS_getdents64, dirfd(folder), small, sizeof small), EINVAL);
    closedir(folder);
    make_closed("folder/a", "");
    CHECK_FAILS(rmdir("folder"), ENOTEMPTY);
    CHECK_FAILS(unlink("folder"), EISDIR);
    CHECK_FAILS(rmdir("folder/a"), ENOTDIR);
    CHECK_FAILS(rmdir("folder/."), EINVAL);
    CHECK_WORKS(unlink("folder/a"));
    CHECK_WORKS(chdir("folder"));
    CHECK_WORKS(rmdir("../folder"));
    char path[4096];
    CHECK_FAILS(syscall(SYS_getcwd, path, sizeof path), ENOENT);
    CHECK_FAILS(open("a", O_RDWR | O_CREAT, 0600), ENOENT);
    CHECK_WORKS(chdir(scratch));
    CHECK_FAILS(syscall(SYS_getcwd, path, 2), ERANGE);
    int file = open(".", O_RDONLY);
    CHECK_WORKS(chdir("/"));
    CHECK_WORKS(fchdir(file));
    CHECK(getcwd(path, sizeof path) != NULL);
    CHECK_TEXT(path, scratch);
    CHECK_WORKS(mkdirat(file, "x", 0700));
    CHECK_WORKS(unlinkat(file, "x", AT_REMOVEDIR));
    CHECK_FAILS(unlinkat(file, "x", 77), EINVAL);
    close(file);
    leave_scratch(scratch);
}

struct entry_head {
    uint64_t inode;
    int64_t next;
    unsigned short length;
};

// Entries come as far as there is memory for them; the others come next time.
static void entries_in_front_of_a_hole(void) {
    const char *scratch = enter_scratch();
    char name[32];
    for (int i = 0; i < 40; i++) {
        snprintf(name, sizeof name, "%04d", i);
        make_closed(name, "");
    }
    char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(pages + 4096, 4096, PROT_NONE);
    int folder = open(".", O_RDONLY | O_DIRECTORY), count = 0;
    for (;;) {
        char *buffer = pages + 4096 - 150;
        long length = syscall(SYS_getdents64, folder, buffer, 4096);
        if (length <= 0) {
            CHECK_EQUAL(length, 0);
            break;
        }
        CHECK(length <= 150);
        for (long at = 0; at < length; count++)
            at += ((struct entry_head *)(buffer + at))->length;
    }
    CHECK_EQUAL(count, 42);
    lseek(folder, 0, SEEK_SET);
    CHECK_FAILS(syscall(SYS_getdents64, folder, pages + 4096 - 10, 4096), EFAULT);
    // A count is an int.
    CHECK_FAILS(syscall(SYS_getdents64, folder, pages, 0x80000000u), EINVAL);
    close(folder);
    munmap(pages, 8192);
    for (int i = 0; i < 40; i++) {
        snprintf(name, sizeof name, "%04d", i);
        unlink(name);
    }
    // In generated file systems the end of a directory is its size.
    static const char *const generated[] = { "/proc", "/proc/self", "/proc/self/fd", "/sys" };
    for (size_t i = 0; i < sizeof generated / sizeof *generated; i++) {
        folder = open(generated[i], O_RDONLY | O_DIRECTORY);
        CHECK_EQUAL(lseek(folder, 0, SEEK_END), 0);
        close(folder);
    }
    leave_scratch(scratch);
}

static void links(void) {
    const char *scratch = enter_scratch();
    make_closed("a", "text");
    CHECK_WORKS(link("a", "b"));
    CHECK_FAILS(link("a", "b"), EEXIST);
    CHECK_FAILS(link("missing", "c"), ENOENT);
    CHECK_FAILS(link(".", "c"), EPERM);
    CHECK_TEXT(content("b"), "text");
    CHECK_WORKS(symlink("b", "s"));
    CHECK_FAILS(symlink("b", "s"), EEXIST);
    CHECK_FAILS(symlink("", "t"), ENOENT);
    CHECK_TEXT(content("s"), "text");
    char text[16] = "";
    CHECK_EQUAL(readlink("s", text, sizeof text), 1);
    CHECK_TEXT(text, "b");
    CHECK_FAILS(readlink("a", text, sizeof text), EINVAL);
    CHECK_FAILS(readlink("s", text, 0), EINVAL);
    CHECK_WORKS(link("s", "t"));
    CHECK_EQUAL(readlink("t", text, sizeof text), 1);
    CHECK_WORKS(linkat(AT_FDCWD, "s", AT_FDCWD, "u", AT_SYMLINK_FOLLOW));
    CHECK_FAILS(readlink("u", text, sizeof text), EINVAL);
    struct stat status;
    stat("a", &status);
    CHECK_EQUAL(status.st_nlink, 3);
    // A chain of forty works, of forty-one not.
    char from[8], to[8];
    snprintf(to, sizeof to, "a");
    for (int i = 0; i < 41; i++) {
        snprintf(from, sizeof from, "l%d", i);
        CHECK_WORKS(symlink(to, from));
        strcpy(to, from);
    }
    CHECK_TEXT(content("l39"), "text");
    CHECK_FAILS(open("l40", O_RDONLY), ELOOP);
    for (int i = 0; i < 41; i++) {
        snprintf(from, sizeof from, "l%d", i);
        CHECK_WORKS(unlink(from));
    }
    CHECK_FAILS(unlink("missing"), ENOENT);
    unlink("a");
    unlink("b");
    unlink("s");
    unlink("t");
    unlink("u");
    leave_scratch(scratch);
}

static void renames(void) {
    const char *scratch = enter_scratch();
    make_closed("a", "A");
    make_closed("b", "B");
    CHECK_WORKS(rename("a", "b"));
    CHECK_TEXT(content("b"), "A");
    CHECK_FAILS(rename("a", "c"), ENOENT);
    make_closed("a", "A2");
    CHECK_FAILS(renameat2(AT_FDCWD, "a", AT_FDCWD, "b", RENAME_NOREPLACE), EEXIST);
    CHECK_WORKS(renameat2(AT_FDCWD, "a", AT_FDCWD, "c", RENAME_NOREPLACE));
    CHECK_WORKS(renameat2(AT_FDCWD, "b", AT_FDCWD, "c", RENAME_EXCHANGE));
    CHECK_TEXT(content("b"), "A2");
    CHECK_TEXT(content("c"), "A");
    CHECK_FAILS(renameat2(AT_FDCWD, "b", AT_FDCWD, "missing", RENAME_EXCHANGE), ENOENT);
    CHECK_FAILS(renameat2(AT_FDCWD, "b", AT_FDCWD, "c", RENAME_EXCHANGE | RENAME_NOREPLACE), EINVAL);
    CHECK_FAILS(renameat2(AT_FDCWD, "b", AT_FDCWD, "c", 64), EINVAL);
    mkdir("d", 0700);
    mkdir("d/e", 0700);
    mkdir("f", 0700);
    CHECK_FAILS(rename("d", "d/e/g"), EINVAL);
    CHECK_FAILS(rename("f", "d"), ENOTEMPTY);
    CHECK_FAILS(rename("b", "f"), EISDIR);
    CHECK_FAILS(rename("f", "b"), ENOTDIR);
    CHECK_WORKS(rename("f", "d/e"));
    CHECK_WORKS(rename("b", "d/e/b"));
    CHECK_TEXT(content("d/e/b"), "A2");
    CHECK_WORKS(renameat2(AT_FDCWD, "c", AT_FDCWD, "d", RENAME_EXCHANGE));
    CHECK_TEXT(content("d"), "A");
    CHECK_TEXT(content("c/e/b"), "A2");
    // Two names of one file: nothing happens.
    link("d", "d2");
    CHECK_WORKS(rename("d", "d2"));
    CHECK_TEXT(content("d"), "A");
    // An open file follows its name's being replaced.
    int file = open("d", O_RDONLY);
    make_closed("new", "new text");
    CHECK_WORKS(rename("new", "d"));
    char value;
    CHECK_EQUAL(read(file, &value, 1), 1);
    CHECK_EQUAL(value, 'A');
    close(file);
    unlink("c/e/b");
    rmdir("c/e");
    rmdir("c");
    unlink("d");
    unlink("d2");
    leave_scratch(scratch);
}

static void permissions(void) {
    if (geteuid() != 0)
        return;
    const char *scratch = enter_scratch();
    chmod(".", 0777);
    make_closed("secret", "s");
    chmod("secret", 0600);
    make_closed("readable", "r");
    chmod("readable", 0644);
    mkdir("closed", 0700);
    make_closed("closed/inner", "");
    mkdir("sticky", 01777);
    chmod("sticky", 01777);
    make_closed("sticky/of-root", "");
    mkdir("group", 02775);
    chown("group", 0, 1000);
    chmod("group", 02775);
    CHECK_WORKS(access("secret", R_OK | W_OK));
    CHECK_FAILS(access("secret", X_OK), EACCES);
    // Only the effective ids change: they come back below.
    CHECK_WORKS(setegid(1000));
    CHECK_WORKS(seteuid(1000));
    CHECK_FAILS(open("secret", O_RDONLY), EACCES);
    CHECK_TEXT(content("readable"), "r");
    CHECK_FAILS(open("readable", O_RDWR), EACCES);
    CHECK_FAILS(open("closed/inner", O_RDONLY), EACCES);
    CHECK_FAILS(open("closed", O_RDONLY), EACCES);
    CHECK_FAILS(chmod("readable", 0777), EPERM);
    CHECK_FAILS(chown("readable", 1000, 1000), EPERM);
    CHECK_FAILS(unlink("sticky/of-root"), EPERM);
    CHECK_FAILS(rename("sticky/of-root", "sticky/x"), EPERM);
    CHECK_FAILS(mkdir("closed/x", 0700), EACCES);
    CHECK_FAILS(truncate("readable", 0), EACCES);
    CHECK_FAILS(utimensat(AT_FDCWD, "readable", NULL, 0), EACCES);
    struct timespec times[2] = { { 1, 0 }, { 1, 0 } };
    CHECK_FAILS(utimensat(AT_FDCWD, "readable", times, 0), EPERM);
    make_closed("own", "o");
    struct stat status;
    stat("own", &status);
    CHECK_EQUAL(status.st_uid, 1000);
    CHECK_EQUAL(status.st_gid, 1000);
    CHECK_WORKS(chmod("own", 0400));
    CHECK_FAILS(open("own", O_RDWR), EACCES);
    CHECK_FAILS(chown("own", 0, -1), EPERM);
    CHECK_WORKS(mkdir("group/new", 0755));
    stat("group/new", &status);
    CHECK_EQUAL(status.st_gid, 1000);
    CHECK_EQUAL(status.st_mode & S_ISGID, S_ISGID);
    CHECK_EQUAL(faccessat(AT_FDCWD, "secret", R_OK, AT_EACCESS), -1);
    // access() asks with the real ids, which still are root's.
    CHECK_WORKS(access("secret", R_OK));
    CHECK_WORKS(seteuid(0));
    CHECK_WORKS(setegid(0));
    CHECK_WORKS(chown("own", 5, 6));
    stat("own", &status);
    CHECK_EQUAL(status.st_uid, 5);
    CHECK_EQUAL(status.st_gid, 6);
    // A new owner takes the set-user-id bit away.
    chmod("own", 04755);
    CHECK_WORKS(chown("own", 7, -1));
    stat("own", &status);
    CHECK_EQUAL(status.st_mode & 07777, 0755);
    CHECK_EQUAL(status.st_gid, 6);
    CHECK_WORKS(chmod("own", 0777));
    CHECK_EQUAL(mode_of("own"), S_IFREG | 0777);
    CHECK_FAILS(chmod("missing", 0777), ENOENT);
    symlink("own", "link");
    CHECK_WORKS(lchown("link", 3, 3));
    lstat("link", &status);
    CHECK_EQUAL(status.st_uid, 3);
    mode_t old = umask(027);
    CHECK_EQUAL(umask(077), 027);
    int file = open("masked", O_RDWR | O_CREAT, 0777);
    close(file);
    CHECK_EQUAL(mode_of("masked"), S_IFREG | 0700);
    umask(old);
    const char *names[] = { "secret", "readable", "closed/inner", "sticky/of-root", "own", "link", "masked" };
    for (int i = 0; i < 7; i++)
        CHECK_WORKS(unlink(names[i]));
    rmdir("group/new");
    rmdir("group");
    rmdir("closed");
    rmdir("sticky");
    leave_scratch(scratch);
}

static void extended_attributes(void) {
    const char *scratch = enter_scratch();
    int file = make("a", "");
    char value[64], list[256];
    if (setxattr("a", "user.one", "1", 1, 0) != 0 && errno == EOPNOTSUPP) {
        // The file system of /tmp decides.
        close(file);
        unlink("a");
        leave_scratch(scratch);
        return;
    }
    CHECK_EQUAL(getxattr("a", "user.one", value, sizeof value), 1);
    CHECK_EQUAL(value[0], '1');
    CHECK_FAILS(setxattr("a", "user.one", "2", 1, XATTR_CREATE), EEXIST);
    CHECK_FAILS(setxattr("a", "user.two", "2", 1, XATTR_REPLACE), ENODATA);
    CHECK_WORKS(fsetxattr(file, "user.two", "22", 2, 0));
    CHECK_EQUAL(getxattr("a", "user.two", NULL, 0), 2);
    CHECK_FAILS(getxattr("a", "user.two", value, 1), ERANGE);
    CHECK_FAILS(getxattr("a", "user.missing", value, sizeof value), ENODATA);
    long length = listxattr("a", list, sizeof list);
    CHECK(length >= 18);
    CHECK(memmem(list, (size_t)length, "user.one", 9) != NULL);
    CHECK(memmem(list, (size_t)length, "user.two", 9) != NULL);
    CHECK_WORKS(removexattr("a", "user.one"));
    CHECK_FAILS(removexattr("a", "user.one"), ENODATA);
    CHECK_FAILS(setxattr("a", "nonsense.one", "1", 1, 0), EOPNOTSUPP);
    CHECK_FAILS(setxattr("a", "user.one", "1", 1, 77), EINVAL);
    close(file);
    unlink("a");
    leave_scratch(scratch);
}

static void descriptors(void) {
    int file = open("/dev/null", O_RDWR);
    int copy = dup(file);
    CHECK(copy > file);
    CHECK_EQUAL(dup2(file, 60), 60);
    CHECK_EQUAL(dup2(file, file), file);
    CHECK_FAILS(dup2(999, 61), EBADF);
    CHECK_FAILS(dup3(file, file, 0), EINVAL);
    CHECK_FAILS(dup3(file, 61, 1), EINVAL);
    CHECK_EQUAL(dup3(file, 61, O_CLOEXEC), 61);
    CHECK_EQUAL(fcntl(61, F_GETFD), FD_CLOEXEC);
    CHECK_EQUAL(fcntl(60, F_GETFD), 0);
    CHECK_EQUAL(fcntl(file, F_DUPFD, 70), 70);
    CHECK_EQUAL(fcntl(file, F_DUPFD_CLOEXEC, 70), 71);
    CHECK_EQUAL(fcntl(71, F_GETFD), FD_CLOEXEC);
    CHECK_WORKS(close_range(60, 70, CLOSE_RANGE_CLOEXEC));
    CHECK_EQUAL(fcntl(60, F_GETFD), FD_CLOEXEC);
    CHECK_WORKS(close_range(60, 80, 0));
    CHECK_FAILS(fcntl(60, F_GETFD), EBADF);
    CHECK_FAILS(fcntl(71, F_GETFD), EBADF);
    CHECK_FAILS(close_range(10, 5, 0), EINVAL);
    CHECK_FAILS(close_range(60, 80, 64), EINVAL);
    CHECK_FAILS(close(60), EBADF);
    CHECK_FAILS(fcntl(file, 9999), EINVAL);
    // Flags belong to the open file, which copies share.
    CHECK_WORKS(fcntl(file, F_SETFL, O_NONBLOCK));
    CHECK_EQUAL(fcntl(copy, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
    int on = 0;
    CHECK_WORKS(ioctl(file, FIOCLEX));
    CHECK_EQUAL(fcntl(file, F_GETFD), FD_CLOEXEC);
    CHECK_EQUAL(fcntl(copy, F_GETFD), 0);
    CHECK_FAILS(ioctl(file, TIOCGWINSZ, &on), ENOTTY);
    CHECK_FAILS(ioctl(999, FIOCLEX), EBADF);
    close(copy);
    close(file);
    // The lowest free number is given.
    int low = open("/dev/null", O_RDONLY), next = open("/dev/null", O_RDONLY);
    close(low);
    CHECK_EQUAL(open("/dev/null", O_RDONLY), low);
    close(low);
    close(next);
}

// A child that shares memory, and has a process's own locks.
static int in_child(int (*run)(int), int argument) {
    int status;
    pid_t child = vfork();
    if (child == 0)
        _exit(run(argument));
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int can_lock_record(int file) {
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 10 };
    if (fcntl(file, F_SETLK, &lock) == 0) {
        lock.l_type = F_UNLCK;
        fcntl(file, F_SETLK, &lock);
        return 1;
    }
    return errno == EAGAIN || errno == EACCES ? 2 : 3;
}

static int sees_lock(int file) {
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 100 };
    if (fcntl(file, F_GETLK, &lock) != 0)
        return 9;
    return lock.l_type == F_UNLCK ? 1 : lock.l_pid == getppid() && lock.l_start == 5 && lock.l_len == 2 ? 2 : 3;
}

static void record_locks(void) {
    const char *scratch = enter_scratch();
    int file = make("a", "0123456789"), again = open("a", O_RDWR);
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 5, .l_len = 2 };
    CHECK_WORKS(fcntl(file, F_SETLK, &lock));
    // A process's own locks never are in its way.
    CHECK_WORKS(fcntl(again, F_SETLK, &lock));
    CHECK_EQUAL(in_child(can_lock_record, file), 2);
    CHECK_EQUAL(in_child(sees_lock, file), 2);
    lock.l_type = F_UNLCK;
    CHECK_WORKS(fcntl(file, F_SETLK, &lock));
    CHECK_EQUAL(in_child(can_lock_record, file), 1);
    CHECK_EQUAL(in_child(sees_lock, file), 1);
    // Closing any descriptor of the file releases them all.
    lock.l_type = F_WRLCK;
    CHECK_WORKS(fcntl(file, F_SETLK, &lock));
    close(again);
    CHECK_EQUAL(in_child(can_lock_record, file), 1);
    // Splitting, and joining of neighbours.
    lock = (struct flock){ .l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 0 };
    CHECK_WORKS(fcntl(file, F_SETLK, &lock));
    lock = (struct flock){ .l_type = F_UNLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 5 };
    CHECK_WORKS(fcntl(file, F_SETLK, &lock));
    lock = (struct flock){ .l_type = F_UNLCK, .l_whence = SEEK_SET, .l_start = 7, .l_len = 0 };
    CHECK_WORKS(fcntl(file, F_SETLK, &lock));
    CHECK_EQUAL(in_child(sees_lock, file), 2);
    lock.l_whence = 99;
    CHECK_FAILS(fcntl(file, F_SETLK, &lock), EINVAL);
    close(file);
    int reader = open("a", O_RDONLY);
    lock = (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET };
    CHECK_FAILS(fcntl(reader, F_SETLK, &lock), EBADF);
    close(reader);
    unlink("a");
    leave_scratch(scratch);
}

struct waiting_lock {
    int file;
    int command;
    pid_t thread;
    int result;
};

static void *wait_for_lock(void *argument) {
    struct waiting_lock *waiting = argument;
    __atomic_store_n(&waiting->thread, (pid_t)syscall(SYS_gettid), __ATOMIC_RELEASE);
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    waiting->result = waiting->command ? fcntl(waiting->file, waiting->command, &lock) : flock(waiting->file, LOCK_EX);
    return NULL;
}

// Which of several locks in the way F_GETLK tells: the first of who came first, in the order of the file.
static void first_lock_in_the_way(void) {
    const char *scratch = enter_scratch();
    int files[3] = { make("a", ""), open("a", O_RDWR), open("a", O_RDWR) };
    static const struct { int file; short type; int start, length; } locks[] = {
        { 1, F_WRLCK, 20, 5 }, { 0, F_RDLCK, 10, 5 }, { 1, F_RDLCK, 1, 5 }, { 0, F_RDLCK, 12, 1 }, { 1, F_WRLCK, 40, 2 },
    };
    for (size_t i = 0; i < sizeof locks / sizeof *locks; i++) {
        struct flock lock = { .l_type = locks[i].type, .l_whence = SEEK_SET, .l_start = locks[i].start, .l_len = locks[i].length };
        CHECK_WORKS(fcntl(files[locks[i].file], F_OFD_SETLK, &lock));
    }
    struct flock seen = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    CHECK_WORKS(fcntl(files[2], F_OFD_GETLK, &seen));
    CHECK_EQUAL(seen.l_type, F_RDLCK);
    CHECK_EQUAL(seen.l_start, 1);
    CHECK_EQUAL(seen.l_len, 5);
    // A piece is taken out of it, and what is left stays where it was in the order.
    struct flock piece = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 2 };
    CHECK_WORKS(fcntl(files[1], F_OFD_SETLK, &piece));
    seen = (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 2 };
    CHECK_WORKS(fcntl(files[2], F_OFD_GETLK, &seen));
    CHECK_EQUAL(seen.l_start, 2);
    CHECK_EQUAL(seen.l_len, 4);
    for (int i = 0; i < 3; i++)
        close(files[i]);
    unlink("a");
    leave_scratch(scratch);
}

static void locks_of_open_files(void) {
    const char *scratch = enter_scratch();
    int file = make("a", ""), again = open("a", O_RDWR);
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    CHECK_WORKS(fcntl(file, F_OFD_SETLK, &lock));
    CHECK_FAILS(fcntl(again, F_OFD_SETLK, &lock), EAGAIN);
    struct flock seen = lock;
    CHECK_WORKS(fcntl(again, F_OFD_GETLK, &seen));
    CHECK_EQUAL(seen.l_type, F_WRLCK);
    CHECK_EQUAL(seen.l_pid, -1);
    lock.l_pid = 5;
    CHECK_FAILS(fcntl(again, F_OFD_SETLK, &lock), EINVAL);
    lock.l_pid = 0;
    // Another thread waits for it.
    struct waiting_lock waiting = { .file = again, .command = F_OFD_SETLKW };
    pthread_t thread;
    pthread_create(&thread, NULL, wait_for_lock, &waiting);
    UNTIL(__atomic_load_n(&waiting.thread, __ATOMIC_ACQUIRE) != 0);
    UNTIL(thread_state(waiting.thread) == 'S');
    lock.l_type = F_UNLCK;
    CHECK_WORKS(fcntl(file, F_OFD_SETLK, &lock));
    pthread_join(thread, NULL);
    CHECK_EQUAL(waiting.result, 0);
    lock.l_type = F_RDLCK;
    CHECK_FAILS(fcntl(file, F_OFD_SETLK, &lock), EAGAIN);
    close(again);
    CHECK_WORKS(fcntl(file, F_OFD_SETLK, &lock));
    close(file);
    unlink("a");
    leave_scratch(scratch);
}

static void whole_file_locks(void) {
    const char *scratch = enter_scratch();
    int file = make("a", ""), again = open("a", O_RDWR), copy = dup(file);
    CHECK_WORKS(flock(file, LOCK_SH));
    CHECK_WORKS(flock(again, LOCK_SH | LOCK_NB));
    CHECK_FAILS(flock(again, LOCK_EX | LOCK_NB), EWOULDBLOCK);
    CHECK_WORKS(flock(again, LOCK_UN));
    CHECK_WORKS(flock(file, LOCK_EX));
    CHECK_WORKS(flock(copy, LOCK_EX | LOCK_NB));
    CHECK_FAILS(flock(again, LOCK_SH | LOCK_NB), EWOULDBLOCK);
    close(file);
    CHECK_FAILS(flock(again, LOCK_SH | LOCK_NB), EWOULDBLOCK);
    struct waiting_lock waiting = { .file = again, .command = 0 };
    pthread_t thread;
    pthread_create(&thread, NULL, wait_for_lock, &waiting);
    UNTIL(__atomic_load_n(&waiting.thread, __ATOMIC_ACQUIRE) != 0);
    UNTIL(thread_state(waiting.thread) == 'S');
    close(copy);
    pthread_join(thread, NULL);
    CHECK_EQUAL(waiting.result, 0);
    CHECK_FAILS(flock(again, 77), EINVAL);
    CHECK_FAILS(flock(999, LOCK_SH), EBADF);
    close(again);
    unlink("a");
    leave_scratch(scratch);
}

static void copying(void) {
    const char *scratch = enter_scratch();
    int from = make("a", "0123456789"), to = make("b", "");
    off_t place = 2;
    CHECK_EQUAL(sendfile(to, from, &place, 4), 4);
    CHECK_EQUAL(place, 6);
    CHECK_TEXT(content("b"), "2345");
    lseek(from, 8, SEEK_SET);
    CHECK_EQUAL(sendfile(to, from, NULL, 100), 2);
    CHECK_TEXT(content("b"), "234589");
    CHECK_EQUAL(sendfile(to, from, NULL, 100), 0);
    off_t in = 0, out = 1;
    CHECK_EQUAL(copy_file_range(from, &in, to, &out, 3, 0), 3);
    CHECK_TEXT(content("b"), "201289");
    CHECK_EQUAL(in, 3);
    CHECK_EQUAL(out, 4);
    CHECK_FAILS(copy_file_range(from, &in, to, &out, 3, 1), EINVAL);
    int ends[2];
    pipe(ends);
    in = 0;
    CHECK_EQUAL(splice(from, &in, ends[1], NULL, 5, 0), 5);
    CHECK_EQUAL(in, 5);
    out = 6;
    CHECK_EQUAL(splice(ends[0], NULL, to, &out, 3, 0), 3);
    CHECK_TEXT(content("b"), "201289012");
    char text[16] = "";
    CHECK_EQUAL(read(ends[0], text, sizeof text), 2);
    CHECK_TEXT(text, "34");
    int second[2];
    pipe(second);
    write(ends[1], "tee", 3);
    CHECK_EQUAL(tee(ends[0], second[1], 100, 0), 3);
    CHECK_EQUAL(read(second[0], text, sizeof text), 3);
    CHECK_EQUAL(read(ends[0], text, sizeof text), 3);
    struct iovec parts = { "vector", 6 };
    CHECK_EQUAL(vmsplice(ends[1], &parts, 1, 0), 6);
    CHECK_EQUAL(read(ends[0], text, sizeof text), 6);
    CHECK_FAILS(splice(from, NULL, to, NULL, 5, 0), EINVAL);
    CHECK_FAILS(sendfile(999, from, NULL, 1), EBADF);
    close(ends[0]);
    close(ends[1]);
    close(second[0]);
    close(second[1]);
    close(from);
    close(to);
    unlink("a");
    unlink("b");
    leave_scratch(scratch);
}

static void file_systems(void) {
    struct statfs system;
    CHECK_WORKS(statfs("/tmp", &system));
    CHECK(system.f_bsize > 0 && system.f_blocks > 0 && system.f_namelen >= 255);
    CHECK_WORKS(statfs("/proc", &system));
    CHECK_EQUAL(system.f_type, 0x9fa0);
    CHECK_FAILS(statfs("/missing", &system), ENOENT);
    struct statvfs portable;
    int file = open("/tmp", O_RDONLY);
    CHECK_WORKS(fstatvfs(file, &portable));
    close(file);
    sync();
}

static int thread_count(void) {
    FILE *stream = fopen("/proc/self/status", "re");
    char line[512];
    int threads = 0;
    while (stream && fgets(line, sizeof line, stream))
        sscanf(line, "Threads: %d", &threads);
    if (stream)
        fclose(stream);
    return threads;
}

static void process_files(void) {
    char path[4096], own[4096];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    NEED(length > 0);
    path[length] = 0;
    realpath((const char *)getauxval(AT_EXECFN), own);
    CHECK_TEXT(path, own);
    int file = open("/dev/null", O_RDONLY);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    length = readlink(path, own, sizeof own - 1);
    own[length < 0 ? 0 : length] = 0;
    CHECK_TEXT(own, "/dev/null");
    int again = open(path, O_WRONLY);
    CHECK(again >= 0);
    CHECK_EQUAL(fcntl(again, F_GETFL) & O_ACCMODE, O_WRONLY);
    close(again);
    DIR *folder = opendir("/proc/self/fd");
    bool found = false;
    struct dirent *entry;
    while (folder && (entry = readdir(folder)) != NULL)
        found |= atoi(entry->d_name) == file && entry->d_name[0] != '.';
    if (folder)
        closedir(folder);
    CHECK(found);
    close(file);
    char text[32];
    length = readlink("/proc/self", text, sizeof text - 1);
    text[length < 0 ? 0 : length] = 0;
    CHECK_EQUAL(atoi(text), getpid());
    FILE *stream = fopen("/proc/self/status", "re");
    NEED(stream != NULL);
    char line[512];
    int id = 0, parent = -1;
    long resident = 0;
    while (fgets(line, sizeof line, stream)) {
        sscanf(line, "Pid: %d", &id);
        sscanf(line, "PPid: %d", &parent);
        sscanf(line, "VmRSS: %ld", &resident);
    }
    fclose(stream);
    CHECK_EQUAL(id, getpid());
    CHECK_EQUAL(parent, getppid());
    // pthread_join returns when the kernel has cleared the thread's id, a moment before the thread is no longer counted.
    UNTIL(thread_count() == 1);
    CHECK(resident > 0);
    CHECK_EQUAL(thread_state(getpid()), 'R');
    stream = fopen("/proc/self/cmdline", "re");
    CHECK(stream != NULL && fgets(line, sizeof line, stream) != NULL);
    CHECK(strstr(line, "files") != NULL);
    fclose(stream);
    file = open("/proc/self/auxv", O_RDONLY);
    unsigned long pair[2];
    bool page_size = false;
    while (read(file, pair, sizeof pair) == sizeof pair)
        page_size |= pair[0] == AT_PAGESZ && pair[1] == 4096;
    close(file);
    CHECK(page_size);
    CHECK(strncmp(content("/proc/meminfo"), "MemTotal:", 9) == 0);
    CHECK(strncmp(content("/proc/cpuinfo"), "processor", 9) == 0);
    CHECK(strchr(content("/proc/uptime"), '.') != NULL);
    CHECK(strncmp(content("/proc/version"), "Linux version", 13) == 0);
    CHECK(strstr(content("/proc/self/mounts"), "/proc") != NULL);
    CHECK(strcmp(content("/proc/self/comm"), "files\n") == 0);
    CHECK(atoi(content("/proc/sys/kernel/pid_max")) > 0);
    CHECK_FAILS(open("/proc/self/missing", O_RDONLY), ENOENT);
    CHECK_FAILS(open("/proc/999999999/stat", O_RDONLY), ENOENT);
}

static void devices(void) {
    char text[64];
    memset(text, 1, sizeof text);
    int file = open("/dev/zero", O_RDWR);
    CHECK_EQUAL(read(file, text, sizeof text), sizeof text);
    CHECK_EQUAL(text[0] | text[63], 0);
    CHECK_EQUAL(write(file, text, 5), 5);
    close(file);
    file = open("/dev/null", O_RDWR);
    CHECK_EQUAL(read(file, text, sizeof text), 0);
    CHECK_EQUAL(write(file, text, 64), 64);
    struct stat status;
    fstat(file, &status);
    CHECK_EQUAL(status.st_mode & S_IFMT, S_IFCHR);
    CHECK_EQUAL(status.st_rdev, makedev(1, 3));
    close(file);
    file = open("/dev/full", O_RDWR);
    CHECK_FAILS(write(file, "x", 1), ENOSPC);
    CHECK_EQUAL(read(file, text, 4), 4);
    close(file);
    const char *random[] = { "/dev/urandom", "/dev/random" };
    for (int i = 0; i < 2; i++) {
        char one[32], two[32];
        file = open(random[i], O_RDONLY);
        CHECK_EQUAL(read(file, one, 32), 32);
        CHECK_EQUAL(read(file, two, 32), 32);
        CHECK(memcmp(one, two, 32) != 0);
        close(file);
    }
    CHECK_EQUAL(syscall(SYS_getrandom, text, 64, 0), 64);
    CHECK_FAILS(syscall(SYS_getrandom, text, 64, 0x100), EINVAL);
    file = open("/dev/shm/check-files", O_RDWR | O_CREAT | O_EXCL, 0600);
    CHECK(file >= 0);
    close(file);
    CHECK_WORKS(unlink("/dev/shm/check-files"));
    file = open("/dev/fd/0", O_RDONLY | O_PATH);
    CHECK(file >= 0);
    close(file);
}

static void nodes(void) {
    const char *scratch = enter_scratch();
    CHECK_WORKS(mkfifo("fifo", 0600));
    struct stat status;
    stat("fifo", &status);
    CHECK_EQUAL(status.st_mode, S_IFIFO | 0600);
    CHECK_FAILS(open("fifo", O_WRONLY | O_NONBLOCK), ENXIO);
    int reader = open("fifo", O_RDONLY | O_NONBLOCK), writer = open("fifo", O_WRONLY | O_NONBLOCK);
    CHECK(reader >= 0 && writer >= 0);
    char text[8];
    CHECK_FAILS(read(reader, text, 8), EAGAIN);
    CHECK_EQUAL(write(writer, "abc", 3), 3);
    CHECK_EQUAL(read(reader, text, 8), 3);
    close(writer);
    CHECK_EQUAL(read(reader, text, 8), 0);
    close(reader);
    CHECK_WORKS(mknod("plain", S_IFREG | 0600, 0));
    stat("plain", &status);
    CHECK_EQUAL(status.st_mode, S_IFREG | 0600);
    CHECK_FAILS(mkfifo("fifo", 0600), EEXIST);
    unlink("fifo");
    unlink("plain");
    leave_scratch(scratch);
}

static void *append_lines(void *argument) {
    int file = open("log", O_WRONLY | O_APPEND);
    char line[16];
    for (int i = 0; i < 500; i++) {
        int length = snprintf(line, sizeof line, "%d:%06d\n", (int)(long)argument, i);
        CHECK_EQUAL(write(file, line, (size_t)length), length);
    }
    close(file);
    return NULL;
}

static void appending_threads(void) {
    const char *scratch = enter_scratch();
    make_closed("log", "");
    pthread_t threads[4];
    for (long i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, append_lines, (void *)i);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    CHECK_EQUAL(size_of("log"), 4 * 500 * 9);
    FILE *stream = fopen("log", "re");
    int next[4] = { 0 }, who, what;
    char line[32];
    while (stream && fgets(line, sizeof line, stream))
        if (CHECK(sscanf(line, "%d:%d", &who, &what) == 2 && who >= 0 && who < 4))
            CHECK_EQUAL(what, next[who]++);
    fclose(stream);
    unlink("log");
    leave_scratch(scratch);
}

MAIN(SECTION(open_flags), SECTION(vectors_and_positions), SECTION(seeking), SECTION(sizes), SECTION(status_fields),
    SECTION(times_of_files), SECTION(folders), SECTION(entries_in_front_of_a_hole), SECTION(links), SECTION(renames), SECTION(permissions),
    SECTION(extended_attributes), SECTION(descriptors), SECTION(record_locks), SECTION(first_lock_in_the_way), SECTION(locks_of_open_files),
    SECTION(whole_file_locks), SECTION(copying), SECTION(file_systems), SECTION(process_files), SECTION(devices), SECTION(nodes),
    SECTION(appending_threads))
