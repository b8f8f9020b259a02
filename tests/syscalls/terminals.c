// Pseudoterminals, sessions and job control (pty(7), credentials(7), tty_ioctl(4)).
#include "check.h"
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <termios.h>
#include <utmp.h>

static int master, slave;
static char name[100];

static void open_pair(void) {
    CHECK_WORKS(openpty(&master, &slave, name, NULL, NULL));
}

static void close_pair(void) {
    close(slave);
    close(master);
}

static void raw(int file) {
    struct termios settings;
    tcgetattr(file, &settings);
    cfmakeraw(&settings);
    tcsetattr(file, TCSANOW, &settings);
}

static int exit_status(pid_t child) {
    int status = -1;
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + status;
}

// A child's count of what was wrong.
static int wrong;
#define EXPECT(condition) do { if (!(condition)) { wrong++; dprintf(2, "%s:%d: %s (errno %d)\n", __FILE__, __LINE__, #condition, errno); } } while (0)

static void opening(void) {
    int one = posix_openpt(O_RDWR | O_NOCTTY);
    NEED(one >= 0);
    unsigned number = 0;
    CHECK_WORKS(ioctl(one, TIOCGPTN, &number));
    char path[64];
    snprintf(path, sizeof path, "/dev/pts/%u", number);
    CHECK_TEXT(ptsname(one), path);
    int locked = 0;
    CHECK_WORKS(ioctl(one, TIOCGPTLCK, &locked));
    CHECK_EQUAL(locked, 1);
    CHECK_FAILS(open(path, O_RDWR | O_NOCTTY), EIO);
    CHECK_FAILS(ioctl(one, TIOCGPTPEER, O_RDWR | O_NOCTTY), EIO);
    CHECK_WORKS(unlockpt(one));
    int two = open(path, O_RDWR | O_NOCTTY), three = ioctl(one, TIOCGPTPEER, O_RDWR | O_NOCTTY);
    CHECK(two >= 0 && three >= 0);
    struct stat status, other;
    CHECK_WORKS(fstat(two, &status));
    CHECK(S_ISCHR(status.st_mode));
    CHECK_EQUAL(major(status.st_rdev), 136);
    CHECK_EQUAL(minor(status.st_rdev), number);
    CHECK_WORKS(fstat(three, &other));
    CHECK_EQUAL(other.st_rdev, status.st_rdev);
    CHECK_EQUAL(other.st_ino, status.st_ino);
    CHECK_EQUAL(isatty(one), 1);
    CHECK_EQUAL(isatty(two), 1);
    char tty[64];
    CHECK_WORKS(ttyname_r(two, tty, sizeof tty));
    CHECK_TEXT(tty, path);
    close(two);
    close(three);
    close(one);
    CHECK_FAILS(open(path, O_RDWR | O_NOCTTY), ENOENT);
}

static void lines(void) {
    open_pair();
    char text[200];
    CHECK_EQUAL(write(slave, "one\n", 4), 4);
    CHECK_EQUAL(read(master, text, sizeof text), 5);
    CHECK_EQUAL(memcmp(text, "one\r\n", 5), 0);
    // Typed lines are edited, and echoed.
    CHECK_EQUAL(write(master, "abx\177c\rd\004e", 9), 9);
    CHECK_EQUAL(read(slave, text, sizeof text), 4);
    CHECK_EQUAL(memcmp(text, "abc\n", 4), 0);
    CHECK_EQUAL(read(slave, text, sizeof text), 1);
    CHECK_EQUAL(text[0], 'd');
    int count = -1;
    CHECK_WORKS(ioctl(slave, FIONREAD, &count));
    CHECK_EQUAL(count, 0);
    struct pollfd ready = { .fd = slave, .events = POLLIN };
    CHECK_EQUAL(poll(&ready, 1, 0), 0);
    // Between two modes nothing is lost, and nothing comes that wasn't typed.
    raw(slave);
    CHECK_EQUAL(poll(&ready, 1, 0), 1);
    CHECK_EQUAL(read(slave, text, sizeof text), 1);
    CHECK_EQUAL(text[0], 'e');
    CHECK_EQUAL(write(master, "xyz", 3), 3);
    UNTIL(ioctl(slave, FIONREAD, &count) == 0 && count == 3);
    struct termios settings;
    CHECK_WORKS(tcgetattr(slave, &settings));
    settings.c_lflag |= ICANON;
    CHECK_WORKS(tcsetattr(slave, TCSANOW, &settings));
    CHECK_EQUAL(poll(&ready, 1, 0), 1);
    settings.c_lflag &= ~ICANON;
    CHECK_WORKS(tcsetattr(slave, TCSANOW, &settings));
    CHECK_EQUAL(read(slave, text, sizeof text), 3);
    CHECK_EQUAL(poll(&ready, 1, 0), 0);
    close_pair();
}

static void hanging_up(void) {
    open_pair();
    raw(slave);
    char text[20];
    CHECK_EQUAL(write(slave, "last", 4), 4);
    CHECK_WORKS(close(slave));
    // What was written is still there, then the end.
    CHECK_EQUAL(read(master, text, sizeof text), 4);
    struct pollfd ready = { .fd = master, .events = POLLIN };
    CHECK_EQUAL(poll(&ready, 1, 0), 1);
    CHECK(ready.revents & POLLHUP);
    CHECK_FAILS(read(master, text, sizeof text), EIO);
    // The other side can be opened again.
    slave = open(name, O_RDWR | O_NOCTTY);
    CHECK(slave >= 0);
    CHECK_EQUAL(poll(&ready, 1, 0), 0);
    CHECK_EQUAL(write(slave, "new", 3), 3);
    CHECK_EQUAL(read(master, text, sizeof text), 3);
    CHECK_WORKS(close(master));
    ready.fd = slave;
    CHECK_EQUAL(poll(&ready, 1, 0), 1);
    CHECK(ready.revents & POLLHUP);
    CHECK_EQUAL(read(slave, text, sizeof text), 0);
    CHECK_FAILS(write(slave, "x", 1), EIO);
    struct termios settings;
    CHECK_FAILS(tcgetattr(slave, &settings), EIO);
    close(slave);
}

static volatile sig_atomic_t seen[65];
static void note(int signal) { seen[signal]++; }

static void catch(int signal) {
    struct sigaction action = { .sa_handler = note };
    sigaction(signal, &action, NULL);
}

static void sizes(void) {
    open_pair();
    pid_t child = fork();
    if (child == 0) {
        catch(SIGWINCH);
        login_tty(slave);
        EXPECT(write(1, "r", 1) == 1);
        while (!seen[SIGWINCH])
            pause();
        struct winsize size;
        EXPECT(ioctl(0, TIOCGWINSZ, &size) == 0 && size.ws_row == 33 && size.ws_col == 44);
        _exit(wrong);
    }
    char byte;
    CHECK_EQUAL(read(master, &byte, 1), 1);
    struct winsize size = { 33, 44, 0, 0 };
    CHECK_WORKS(ioctl(master, TIOCSWINSZ, &size));
    CHECK_EQUAL(exit_status(child), 0);
    close_pair();
}

static void packets(void) {
    open_pair();
    raw(slave);
    int on = 1;
    char text[20];
    CHECK_WORKS(ioctl(master, TIOCPKT, &on));
    CHECK_EQUAL(write(slave, "data", 4), 4);
    CHECK_EQUAL(read(master, text, sizeof text), 5);
    CHECK_EQUAL(text[0], TIOCPKT_DATA);
    CHECK_WORKS(tcflush(slave, TCIFLUSH));
    CHECK_EQUAL(read(master, text, sizeof text), 1);
    CHECK_EQUAL(text[0], TIOCPKT_FLUSHREAD);
    close_pair();
}

// What a session has of its terminal.
static void controlling(void) {
    open_pair();
    pid_t child = fork();
    if (child == 0) {
        EXPECT(setsid() == getpid());
        EXPECT(open("/dev/tty", O_RDWR) == -1 && errno == ENXIO);
        int file = open(name, O_RDWR | O_NOCTTY);
        EXPECT(open("/dev/tty", O_RDWR) == -1 && errno == ENXIO);
        EXPECT(tcgetpgrp(file) == -1 && errno == ENOTTY);
        EXPECT(ioctl(file, TIOCNOTTY) == -1 && errno == ENOTTY);
        EXPECT(ioctl(file, TIOCSCTTY, 0) == 0);
        EXPECT(ioctl(file, TIOCSCTTY, 0) == 0);
        EXPECT(tcgetpgrp(file) == getpid());
        EXPECT(tcgetsid(file) == getpid());
        int tty = open("/dev/tty", O_RDWR);
        EXPECT(tty >= 0);
        // /proc tells of it.
        FILE *stat = fopen("/proc/self/stat", "r");
        int session = 0, device = 0, group = 0;
        struct stat status;
        fstat(file, &status);
        EXPECT(fscanf(stat, "%*d %*s %*c %*d %*d %d %d %d", &session, &device, &group) == 3);
        EXPECT(session == getpid() && device == (int)status.st_rdev && group == getpid());
        fclose(stat);
        // One that doesn't lead gives it up for itself alone.
        pid_t other = fork();
        if (other == 0) {
            wrong = 0;
            EXPECT(tcgetpgrp(file) == getppid());
            EXPECT(ioctl(file, TIOCNOTTY) == 0);
            EXPECT(open("/dev/tty", O_RDWR) == -1 && errno == ENXIO);
            EXPECT(ioctl(file, TIOCSCTTY, 0) == -1 && errno == EPERM);
            _exit(wrong);
        }
        int result = -1;
        EXPECT(waitpid(other, &result, 0) == other && result == 0);
        EXPECT(tcgetpgrp(file) == getpid());
        EXPECT(tcsetpgrp(file, 1) == -1 && (errno == EPERM || errno == ESRCH));
        EXPECT(tcsetpgrp(file, -1) == -1 && errno == EINVAL);
        // The leader for all, who are told.
        catch(SIGHUP);
        catch(SIGCONT);
        EXPECT(ioctl(file, TIOCNOTTY) == 0);
        EXPECT(seen[SIGHUP] == 1 && seen[SIGCONT] == 1);
        EXPECT(open("/dev/tty", O_RDWR) == -1 && errno == ENXIO);
        // Opened without O_NOCTTY, it becomes the terminal of a leader without one.
        EXPECT(open(name, O_RDWR) >= 0);
        EXPECT(tcgetpgrp(file) == getpid());
        _exit(wrong);
    }
    CHECK_EQUAL(exit_status(child), 0);
    close_pair();
}

// The master's end: the leader is told, later the group in front.
static void hangup_signals(void) {
    open_pair();
    int report[2];
    CHECK_WORKS(pipe(report));
    pid_t child = fork();
    if (child == 0) {
        close(master);
        catch(SIGHUP);
        catch(SIGCONT);
        login_tty(slave);
        EXPECT(write(report[1], "r", 1) == 1);
        while (!seen[SIGHUP] || !seen[SIGCONT])
            pause();
        char byte;
        EXPECT(read(0, &byte, 1) == 0);
        EXPECT(open("/dev/tty", O_RDWR) == -1 && errno == ENXIO);
        _exit(wrong);
    }
    char byte;
    CHECK_EQUAL(read(report[0], &byte, 1), 1);
    close_pair();
    CHECK_EQUAL(exit_status(child), 0);
    close(report[0]);
    close(report[1]);
}

// The leader's end: SIGHUP for the group in front.
static void leader_exit(void) {
    open_pair();
    int report[2];
    CHECK_WORKS(pipe(report));
    pid_t child = fork();
    if (child == 0) {
        dup2(open("/dev/null", O_RDWR), 2);
        login_tty(slave);
        pid_t other = fork();
        if (other == 0) {
            setpgid(0, 0);
            signal(SIGTTOU, SIG_IGN);
            tcsetpgrp(0, getpid());
            catch(SIGHUP);
            EXPECT(write(report[1], "r", 1) == 1);
            while (!seen[SIGHUP])
                pause();
            EXPECT(write(report[1], "h", 1) == 1);
            _exit(0);
        }
        char byte;
        EXPECT(read(report[0], &byte, 1) == 1);
        _exit(wrong);
    }
    CHECK_EQUAL(exit_status(child), 0);
    char byte = 0;
    CHECK_EQUAL(read(report[0], &byte, 1), 1);
    CHECK_EQUAL(byte, 'h');
    close(report[0]);
    close(report[1]);
    close_pair();
}

// Groups in the background stop when they read, or set something; orphans get errors instead.
static void background(void) {
    open_pair();
    pid_t child = fork();
    if (child == 0) {
        int terminal_error = dup(2);
        login_tty(slave);
        dup2(terminal_error, 2);
        pid_t other = fork();
        if (other == 0) {
            wrong = 0;
            setpgid(0, 0);
            char text[10];
            EXPECT(read(0, text, sizeof text) == 3);
            // Writing is allowed unless TOSTOP is set.
            _exit(wrong);
        }
        setpgid(other, other);
        int status;
        EXPECT(waitpid(other, &status, WUNTRACED) == other && WIFSTOPPED(status) && WSTOPSIG(status) == SIGTTIN);
        EXPECT(tcsetpgrp(0, other) == 0);
        EXPECT(kill(-other, SIGCONT) == 0);
        EXPECT(waitpid(other, &status, WCONTINUED) == other && WIFCONTINUED(status));
        EXPECT(waitpid(other, &status, WUNTRACED) == other && status == 0);
        // Now this one is in the background.
        catch(SIGTTOU);
        struct termios settings;
        EXPECT(tcgetattr(0, &settings) == 0);
        pid_t setter = fork();
        if (setter == 0) {
            wrong = 0;
            setpgid(0, 0);
            signal(SIGTTOU, SIG_DFL);
            EXPECT(tcsetattr(0, TCSANOW, &settings) == 0);
            _exit(wrong);
        }
        setpgid(setter, setter);
        EXPECT(waitpid(setter, &status, WUNTRACED) == setter && WIFSTOPPED(status) && WSTOPSIG(status) == SIGTTOU);
        signal(SIGTTOU, SIG_IGN);
        EXPECT(tcsetpgrp(0, setter) == 0);
        EXPECT(kill(setter, SIGCONT) == 0);
        EXPECT(waitpid(setter, &status, 0) == setter && status == 0);
        // Who ignores SIGTTIN gets EIO; so do orphans, who aren't stopped.
        char text[10];
        signal(SIGTTIN, SIG_IGN);
        EXPECT(read(0, text, sizeof text) == -1 && errno == EIO);
        signal(SIGTTIN, SIG_DFL);
        EXPECT(read(0, text, sizeof text) == -1 && errno == EIO);
        signal(SIGTTOU, SIG_DFL);
        EXPECT(tcsetpgrp(0, getpid()) == -1 && errno == ENOTTY);
        raise(SIGTSTP);
        signal(SIGTTOU, SIG_IGN);
        EXPECT(tcsetpgrp(0, getpid()) == 0);
        _exit(wrong);
    }
    CHECK_EQUAL(write(master, "hi\n", 3), 3);
    CHECK_EQUAL(exit_status(child), 0);
    close_pair();
}

// Typed characters are signals for the group in front.
static void typed_signals(void) {
    open_pair();
    pid_t child = fork();
    if (child == 0) {
        catch(SIGINT);
        catch(SIGQUIT);
        login_tty(slave);
        EXPECT(write(1, "r", 1) == 1);
        while (!seen[SIGINT] || !seen[SIGQUIT])
            pause();
        char text[20];
        EXPECT(read(0, text, sizeof text) == 5 && memcmp(text, "kept\n", 5) == 0);
        _exit(wrong);
    }
    char text[30];
    CHECK_EQUAL(read(master, text, 1), 1);
    CHECK_EQUAL(write(master, "lost\003", 5), 5);
    CHECK_EQUAL(write(master, "lost\034kept\n", 10), 10);
    CHECK_EQUAL(exit_status(child), 0);
    close_pair();
}

// A stopped group whose last tie to its session ends isn't left behind.
static void orphans(void) {
    int report[2];
    CHECK_WORKS(pipe(report));
    pid_t child = fork();
    if (child == 0) {
        setsid();
        pid_t middle = fork();
        if (middle == 0) {
            pid_t last = fork();
            if (last == 0) {
                setpgid(0, 0);
                catch(SIGHUP);
                catch(SIGCONT);
                raise(SIGSTOP);
                EXPECT(seen[SIGHUP] == 1 && seen[SIGCONT] == 1);
                EXPECT(write(report[1], wrong ? "w" : "o", 1) == 1);
                _exit(0);
            }
            int status;
            waitpid(last, &status, WUNTRACED);
            _exit(WIFSTOPPED(status) ? 0 : 1);
        }
        int status;
        waitpid(middle, &status, 0);
        _exit(status != 0);
    }
    CHECK_EQUAL(exit_status(child), 0);
    char byte = 0;
    CHECK_EQUAL(read(report[0], &byte, 1), 1);
    CHECK_EQUAL(byte, 'o');
    close(report[0]);
    close(report[1]);
}

static void forking(void) {
    int file;
    pid_t child = forkpty(&file, NULL, NULL, NULL);
    if (child == 0) {
        execl("/bin/sh", "sh", "-c", "tty -s && stty -echo && read x && echo got $x && exit 5", NULL);
        _exit(1);
    }
    CHECK_EQUAL(write(file, "word\n", 5), 5);
    char text[1000];
    int length = 0;
    ssize_t got;
    while ((got = read(file, text + length, sizeof text - 1 - length)) > 0)
        length += got;
    text[length] = 0;
    CHECK_FAILS(got, EIO);
    CHECK(strstr(text, "got word\r\n") != NULL);
    CHECK_EQUAL(exit_status(child), 5);
    close(file);
}

// struct termio, which knows the lower halves of the flags and eight characters (ioctl_tty(2)).
static void settings_of_old(void) {
    struct { unsigned short input, output, control, local; unsigned char line, characters[8]; } old;
    struct termios before, after;
    open_pair();
    CHECK_WORKS(tcgetattr(slave, &before));
    CHECK_WORKS(ioctl(slave, 0x5405, &old));
    CHECK_EQUAL(old.input, before.c_iflag & 0xFFFF);
    CHECK_EQUAL(old.control, before.c_cflag & 0xFFFF);
    CHECK_EQUAL(old.local, before.c_lflag & 0xFFFF);
    CHECK_EQUAL(old.characters[VERASE], before.c_cc[VERASE]);
    old.local &= ~(ECHO | ICANON);
    old.characters[VERASE] = 'x';
    CHECK_WORKS(ioctl(slave, 0x5406, &old));
    CHECK_WORKS(tcgetattr(slave, &after));
    CHECK_EQUAL(after.c_lflag, before.c_lflag & ~(ECHO | ICANON));
    CHECK_EQUAL(after.c_cc[VERASE], 'x');
    CHECK_EQUAL(after.c_cc[VSUSP], before.c_cc[VSUSP]);
    CHECK_WORKS(ioctl(slave, 0x5408, &old));
    CHECK_FAILS(ioctl(slave, 0x5405, (void *)8), EFAULT);
    CHECK_FAILS(ioctl(slave, 0x5406, (void *)8), EFAULT);
    int other[2];
    NEED(pipe(other) == 0);
    CHECK_FAILS(ioctl(other[0], 0x5405, &old), ENOTTY);
    close(other[0]), close(other[1]), close(slave), close(master);
}

MAIN(SECTION(opening), SECTION(lines), SECTION(hanging_up), SECTION(sizes), SECTION(settings_of_old), SECTION(packets), SECTION(controlling), SECTION(hangup_signals),
    SECTION(leader_exit), SECTION(background), SECTION(typed_signals), SECTION(orphans), SECTION(forking))
