// inotify(7): which events come, in which order, and what ends a watch.
#include "check.h"
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/xattr.h>

static int instance;

// All events as text: "wd:mask:name " each, with cookies as '#' and '='.
static const char *events(void) {
    static char text[4096];
    char bytes[8192];
    size_t length = 0;
    unsigned cookie = 0;
    text[0] = 0;
    for (;;) {
        ssize_t count = read(instance, bytes, sizeof bytes);
        if (count <= 0)
            return text;
        for (ssize_t at = 0; at < count;) {
            struct inotify_event *event = (struct inotify_event *)(bytes + at);
            length += snprintf(text + length, sizeof text - length, "%d:%x:%s%s ", event->wd, event->mask, event->len ? event->name : "",
                event->cookie == 0 ? "" : event->cookie == cookie ? "=" : "#");
            cookie = event->cookie;
            at += sizeof *event + event->len;
        }
    }
}

static void begin(void) {
    instance = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    CHECK(instance >= 0);
}

static void files(void) {
    const char *scratch = enter_scratch();
    begin();
    CHECK_EQUAL(inotify_add_watch(instance, ".", IN_ALL_EVENTS), 1);
    int fd = open("file", O_CREAT | O_RDWR, 0600);
    CHECK_TEXT(events(), "1:100:file 1:20:file ");
    CHECK_EQUAL(inotify_add_watch(instance, "file", IN_ALL_EVENTS), 2);
    CHECK_EQUAL(write(fd, "content", 7), 7);
    CHECK_TEXT(events(), "1:2:file 2:2: ");
    char byte;
    CHECK_EQUAL(pread(fd, &byte, 1, 0), 1);
    CHECK_TEXT(events(), "1:1:file 2:1: ");
    CHECK_WORKS(ftruncate(fd, 3));
    CHECK_TEXT(events(), "1:2:file 2:2: ");
    CHECK_WORKS(fchmod(fd, 0640));
    CHECK_TEXT(events(), "1:4:file 2:4: ");
    struct timespec times[2] = {{1, 0}, {0, UTIME_OMIT}};
    CHECK_WORKS(futimens(fd, times));
    CHECK_TEXT(events(), "1:1:file 2:1: ");
    CHECK_WORKS(futimens(fd, NULL));
    CHECK_TEXT(events(), "1:4:file 2:4: ");
    if (setxattr("file", "user.a", "b", 1, 0) == 0)
        CHECK_TEXT(events(), "1:4:file 2:4: ");
    close(fd);
    CHECK_TEXT(events(), "1:8:file 2:8: ");
    close(open("file", O_RDONLY));
    CHECK_TEXT(events(), "1:20:file 2:20: 1:10:file 2:10: ");
    close(open("file", O_WRONLY | O_TRUNC));
    CHECK_TEXT(events(), "1:20:file 2:20: 1:2:file 2:2: 1:8:file 2:8: ");
    CHECK_WORKS(link("file", "other"));
    CHECK_TEXT(events(), "2:4: 1:100:other ");
    CHECK_WORKS(unlink("other"));
    CHECK_TEXT(events(), "2:4: 1:200:other ");
    // A file that is open lives on, and so does its watch.
    fd = open("file", O_RDONLY);
    events();
    CHECK_WORKS(unlink("file"));
    CHECK_TEXT(events(), "2:4: 1:200:file ");
    close(fd);
    CHECK_TEXT(events(), "1:10:file 2:10: 2:400: 2:8000: ");
    CHECK_FAILS(inotify_rm_watch(instance, 2), EINVAL);
    CHECK_WORKS(inotify_rm_watch(instance, 1));
    CHECK_TEXT(events(), "1:8000: ");
    close(instance);
    leave_scratch(scratch);
}

static void directories(void) {
    const char *scratch = enter_scratch();
    begin();
    CHECK_EQUAL(inotify_add_watch(instance, ".", IN_ALL_EVENTS), 1);
    CHECK_WORKS(mkdir("one", 0700));
    CHECK_TEXT(events(), "1:40000100:one ");
    CHECK_EQUAL(inotify_add_watch(instance, "one", IN_ALL_EVENTS | IN_ONLYDIR), 2);
    DIR *listing = opendir("one");
    CHECK(readdir(listing) != NULL);
    closedir(listing);
    CHECK_TEXT(events(), "1:40000020:one 2:40000020: 1:40000001:one 2:40000001: 1:40000010:one 2:40000010: ");
    close(open("one/file", O_CREAT | O_WRONLY, 0600));
    CHECK_TEXT(events(), "2:100:file 2:20:file 2:8:file ");
    CHECK_WORKS(rename("one/file", "moved"));
    CHECK_TEXT(events(), "2:40:file# 1:80:moved= ");
    CHECK_EQUAL(inotify_add_watch(instance, "moved", IN_ALL_EVENTS), 3);
    close(open("target", O_CREAT | O_WRONLY, 0600));
    CHECK_EQUAL(inotify_add_watch(instance, "target", IN_ALL_EVENTS), 4);
    events();
    CHECK_WORKS(rename("moved", "target"));
    CHECK_TEXT(events(), "1:40:moved# 1:80:target= 4:4: 3:800: 4:400: 4:8000: ");
    CHECK_WORKS(unlink("target"));
    CHECK_TEXT(events(), "3:4: 3:400: 3:8000: 1:200:target ");
    CHECK_WORKS(rename("one", "two"));
    CHECK_TEXT(events(), "1:40000040:one# 1:40000080:two= 2:800: ");
    CHECK_WORKS(symlink("nowhere", "link"));
    CHECK_EQUAL(inotify_add_watch(instance, "link", IN_ATTRIB | IN_DONT_FOLLOW), 5);
    CHECK_FAILS(inotify_add_watch(instance, "link", IN_ATTRIB), ENOENT);
    events();
    CHECK_WORKS(unlink("link"));
    CHECK_TEXT(events(), "5:4: 5:8000: 1:200:link ");
    CHECK_WORKS(rmdir("two"));
    CHECK_TEXT(events(), "2:400: 2:8000: 1:40000200:two ");
    close(instance);
    leave_scratch(scratch);
}

static void masks(void) {
    const char *scratch = enter_scratch();
    begin();
    close(open("file", O_CREAT | O_WRONLY, 0600));
    CHECK_FAILS(inotify_init1(1), EINVAL);
    CHECK_FAILS(inotify_add_watch(instance, "file", 0), EINVAL);
    CHECK_FAILS(inotify_add_watch(instance, "file", IN_OPEN | 0x10000), EINVAL);
    CHECK_FAILS(inotify_add_watch(instance, "file", IN_OPEN | IN_MASK_ADD | IN_MASK_CREATE), EINVAL);
    CHECK_FAILS(inotify_add_watch(instance, "file", IN_OPEN | IN_ONLYDIR), ENOTDIR);
    CHECK_FAILS(inotify_add_watch(instance, "missing", IN_OPEN), ENOENT);
    CHECK_FAILS(inotify_add_watch(1000, "file", IN_OPEN), EBADF);
    CHECK_FAILS(inotify_add_watch(0, "file", IN_OPEN), EINVAL);
    CHECK_FAILS(inotify_rm_watch(instance, 7), EINVAL);
    CHECK_EQUAL(inotify_add_watch(instance, "file", IN_OPEN), 1);
    CHECK_FAILS(inotify_add_watch(instance, "file", IN_OPEN | IN_MASK_CREATE), EEXIST);
    CHECK_EQUAL(inotify_add_watch(instance, "file", IN_CLOSE_NOWRITE | IN_MASK_ADD), 1);
    close(open("file", O_RDONLY));
    CHECK_TEXT(events(), "1:20: 1:10: ");
    // The same twice is once.
    CHECK_EQUAL(inotify_add_watch(instance, "file", IN_OPEN), 1);
    close(open("file", O_RDONLY));
    close(open("file", O_RDONLY));
    CHECK_TEXT(events(), "1:20: ");
    CHECK_EQUAL(inotify_add_watch(instance, "file", IN_OPEN | IN_ONESHOT), 1);
    close(open("file", O_RDONLY));
    CHECK_TEXT(events(), "1:20: 1:8000: ");
    CHECK_EQUAL(inotify_add_watch(instance, ".", IN_OPEN | IN_EXCL_UNLINK), 2);
    int fd = open("file", O_RDWR);
    events();
    CHECK_EQUAL(inotify_add_watch(instance, ".", IN_MODIFY | IN_EXCL_UNLINK), 2);
    CHECK_WORKS(unlink("file"));
    CHECK_EQUAL(write(fd, "x", 1), 1);
    CHECK_TEXT(events(), "");
    CHECK_EQUAL(inotify_add_watch(instance, ".", IN_MODIFY), 2);
    CHECK_EQUAL(write(fd, "x", 1), 1);
    CHECK_TEXT(events(), "2:2:file ");
    close(fd);
    close(instance);
    leave_scratch(scratch);
}

static void reading(void) {
    const char *scratch = enter_scratch();
    begin();
    char bytes[64];
    int size = -1;
    CHECK_EQUAL(inotify_add_watch(instance, ".", IN_CREATE), 1);
    CHECK_FAILS(read(instance, bytes, sizeof bytes), EAGAIN);
    struct pollfd item = {instance, POLLIN, 0};
    CHECK_EQUAL(poll(&item, 1, 0), 0);
    close(open("0123456789abcde", O_CREAT | O_WRONLY, 0600));
    close(open("0123456789abcdef", O_CREAT | O_WRONLY, 0600));
    CHECK_EQUAL(poll(&item, 1, 0), 1);
    CHECK_WORKS(ioctl(instance, FIONREAD, &size));
    CHECK_EQUAL(size, 32 + 48);
    CHECK_FAILS(read(instance, bytes, 31), EINVAL);
    CHECK_EQUAL(read(instance, bytes, sizeof bytes), 32);
    CHECK_EQUAL(read(instance, bytes, sizeof bytes), 48);
    CHECK_FAILS(write(instance, bytes, 1), EBADF);
    unlink("0123456789abcde");
    unlink("0123456789abcdef");
    // Too many: one event tells.
    FILE *limit = fopen("/proc/sys/fs/inotify/max_queued_events", "r");
    int most = 0;
    CHECK(limit && fscanf(limit, "%d", &most) == 1);
    if (limit)
        fclose(limit);
    close(open("file", O_CREAT | O_WRONLY, 0600));
    CHECK_EQUAL(inotify_add_watch(instance, "file", IN_OPEN | IN_CLOSE), 2);
    if (most <= 20000) {
        for (int i = 0; i < most; i++)
            close(open("file", O_RDONLY));
        int count = 0, overflows = 0;
        char many[4096];
        ssize_t length;
        while ((length = read(instance, many, sizeof many)) > 0) {
            for (ssize_t at = 0; at < length; count++) {
                struct inotify_event *event = (struct inotify_event *)(many + at);
                overflows += event->wd == -1 && event->mask == IN_Q_OVERFLOW;
                at += sizeof *event + event->len;
            }
        }
        CHECK_EQUAL(count, most + 1);
        CHECK_EQUAL(overflows, 1);
    }
    unlink("file");
    close(instance);
    leave_scratch(scratch);
}

MAIN(SECTION(files), SECTION(directories), SECTION(masks), SECTION(reading))
