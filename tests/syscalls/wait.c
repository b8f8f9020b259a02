// Waiting for children, and what becomes of those whose parent ends: SIGCHLD and its flags, reaping, subreapers, orphaned
// groups, PR_SET_PDEATHSIG. All children are made by fork.
#include "check.h"
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

static int *shared; // words that all processes see

static pid_t start(void (*run)(void)) {
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        run();
        _exit(0);
    }
    return child;
}

static void end_with_7(void) { _exit(7); }

static void sleep_for_ever(void) {
    for (;;)
        pause();
}

static int status_of(pid_t child) {
    int status = -1;
    return child > 0 && waitpid(child, &status, 0) == child ? status : -1;
}

// A word that another process sets.
#define UNTIL_SET(index) UNTIL(__atomic_load_n(&shared[index], __ATOMIC_SEQ_CST) != 0)

static void set_word(int index, int value) { __atomic_store_n(&shared[index], value, __ATOMIC_SEQ_CST); }

static void statuses(void) {
    CHECK_EQUAL(status_of(start(end_with_7)), 7 << 8);
    pid_t child = start(sleep_for_ever);
    int status = -1;
    CHECK_EQUAL(waitpid(child, &status, WNOHANG), 0);
    kill(child, SIGTERM);
    status = status_of(child);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    CHECK_FAILS(waitpid(child, &status, 0), ECHILD);
    CHECK_FAILS(waitpid(-1, &status, WNOHANG), ECHILD);
    CHECK_FAILS(waitpid(-1, &status, 0x40), EINVAL);
    siginfo_t info;
    CHECK_FAILS(waitid(P_ALL, 0, &info, 0), EINVAL);
    CHECK_FAILS(waitid(P_ALL, 0, &info, WEXITED), ECHILD);
    CHECK_FAILS(waitid(77, 0, &info, WEXITED), EINVAL);
}

static void stops_and_continues(void) {
    pid_t child = start(sleep_for_ever);
    int status = 0;
    // A group of its own, with a parent in the session: this program's own may be orphaned, where SIGTSTP stops nobody.
    CHECK_WORKS(setpgid(child, child));
    kill(child, SIGSTOP);
    CHECK_EQUAL(waitpid(child, &status, WUNTRACED), child);
    CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
    // Reported once.
    CHECK_EQUAL(waitpid(child, &status, WUNTRACED | WNOHANG), 0);
    kill(child, SIGCONT);
    CHECK_EQUAL(waitpid(child, &status, WUNTRACED | WCONTINUED), child);
    CHECK(WIFCONTINUED(status));
    kill(child, SIGTSTP);
    siginfo_t info = { 0 };
    CHECK_WORKS(waitid(P_PID, child, &info, WSTOPPED | WNOWAIT));
    CHECK_EQUAL(info.si_code, CLD_STOPPED);
    CHECK_EQUAL(info.si_status, SIGTSTP);
    CHECK_WORKS(waitid(P_PID, child, &info, WSTOPPED));
    CHECK_EQUAL(info.si_pid, child);
    CHECK_WORKS(waitid(P_PID, child, &info, WSTOPPED | WNOHANG));
    CHECK_EQUAL(info.si_pid, 0);
    kill(child, SIGKILL);
    CHECK_WORKS(waitid(P_PID, child, &info, WEXITED | WNOWAIT));
    CHECK_EQUAL(info.si_code, CLD_KILLED);
    CHECK_EQUAL(info.si_status, SIGKILL);
    CHECK_EQUAL(info.si_signo, SIGCHLD);
    CHECK_EQUAL(info.si_uid, getuid());
    CHECK_EQUAL(status_of(child), SIGKILL);
}

static void groups(void) {
    pid_t one = start(sleep_for_ever), two = start(sleep_for_ever), other = start(sleep_for_ever);
    CHECK_WORKS(setpgid(one, one));
    CHECK_WORKS(setpgid(two, one));
    CHECK_EQUAL(getpgid(two), one);
    CHECK_WORKS(kill(-one, SIGKILL));
    siginfo_t info;
    CHECK_WORKS(waitid(P_PGID, one, &info, WEXITED));
    pid_t first = info.si_pid;
    CHECK(first == one || first == two);
    CHECK_EQUAL(waitpid(-one, NULL, 0), first == one ? two : one);
    CHECK_FAILS(waitpid(-one, NULL, 0), ECHILD);
    CHECK_FAILS(kill(-one, 0), ESRCH);
    CHECK_EQUAL(waitpid(0, NULL, WNOHANG), 0);
    kill(other, SIGKILL);
    CHECK_EQUAL(waitpid(0, NULL, 0), other);
}

static volatile int child_signals;
static siginfo_t last_child;

static void on_child(int number, siginfo_t *info, void *context) {
    (void)number;
    (void)context;
    child_signals++;
    last_child = *info;
}

static void catch_children(int flags) {
    struct sigaction action = { .sa_sigaction = on_child, .sa_flags = SA_SIGINFO | flags };
    sigaction(SIGCHLD, &action, NULL);
    child_signals = 0;
}

static void signal_of_children(void) {
    catch_children(SA_RESTART);
    pid_t child = start(end_with_7);
    UNTIL(child_signals == 1);
    CHECK_EQUAL(last_child.si_pid, child);
    CHECK_EQUAL(last_child.si_code, CLD_EXITED);
    CHECK_EQUAL(last_child.si_status, 7);
    CHECK_EQUAL(status_of(child), 7 << 8);

    child = start(sleep_for_ever);
    child_signals = 0;
    kill(child, SIGSTOP);
    UNTIL(child_signals == 1);
    CHECK_EQUAL(last_child.si_code, CLD_STOPPED);
    kill(child, SIGCONT);
    UNTIL(child_signals == 2);
    CHECK_EQUAL(last_child.si_code, CLD_CONTINUED);

    catch_children(SA_NOCLDSTOP | SA_RESTART);
    kill(child, SIGSTOP);
    int status;
    CHECK_EQUAL(waitpid(child, &status, WUNTRACED), child);
    CHECK_EQUAL(child_signals, 0);
    kill(child, SIGKILL);
    CHECK_EQUAL(status_of(child), SIGKILL);
    UNTIL(child_signals == 1);

    // No zombies: wait ends when the last one has.
    catch_children(SA_NOCLDWAIT | SA_RESTART);
    start(end_with_7);
    start(end_with_7);
    CHECK_FAILS(wait(NULL), ECHILD);
    CHECK(child_signals >= 1);
    signal(SIGCHLD, SIG_IGN);
    child = start(end_with_7);
    CHECK_FAILS(waitpid(child, NULL, 0), ECHILD);
    CHECK_FAILS(kill(child, 0), ESRCH);
    // That is for SIGCHLD only.
    signal(SIGUSR1, SIG_IGN);
    child = syscall(SYS_clone, SIGUSR1, 0, NULL, NULL, 0);
    if (child == 0)
        _exit(3);
    CHECK_EQUAL(waitpid(child, &status, __WALL), child);
    CHECK_EQUAL(status, 3 << 8);
    signal(SIGUSR1, SIG_DFL);
    signal(SIGCHLD, SIG_DFL);
}

static void *wait_in_thread(void *child) {
    // The other thread's child: not seen with __WNOTHREAD.
    CHECK_FAILS(waitpid(*(pid_t *)child, NULL, __WNOTHREAD), ECHILD);
    CHECK_EQUAL(waitpid(*(pid_t *)child, NULL, 0), *(pid_t *)child);
    return NULL;
}

static void children_of_threads(void) {
    pid_t child = start(end_with_7);
    pthread_t thread;
    pthread_create(&thread, NULL, wait_in_thread, &child);
    pthread_join(thread, NULL);
    CHECK_FAILS(waitpid(child, NULL, WNOHANG), ECHILD);
}

static void burn(void) {
    char *memory = mmap(NULL, 16 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(memory, 1, 16 << 20);
    while (clock() < CLOCKS_PER_SEC / 20)
        ;
    _exit(0);
}

static void usage(void) {
    struct rusage before, after, one;
    getrusage(RUSAGE_CHILDREN, &before);
    pid_t child = start(burn);
    CHECK_EQUAL(wait4(child, NULL, 0, &one), child);
    getrusage(RUSAGE_CHILDREN, &after);
    long long used = one.ru_utime.tv_sec * 1000000LL + one.ru_utime.tv_usec + one.ru_stime.tv_sec * 1000000LL + one.ru_stime.tv_usec;
    CHECK(used >= 40000);
    CHECK(one.ru_maxrss >= 16 << 10);
    CHECK(after.ru_maxrss >= one.ru_maxrss);
    CHECK(after.ru_utime.tv_sec * 1000000LL + after.ru_utime.tv_usec >= before.ru_utime.tv_sec * 1000000LL + before.ru_utime.tv_usec);
}

// Whose child an orphan becomes: word 0 is its id, word 1 the parent that it has at the end.
static void orphan(void) {
    pid_t parent = getppid();
    set_word(0, getpid());
    while (getppid() == parent)
        usleep(1000);
    set_word(1, getppid());
    _exit(5);
}

static void leave_orphan(void) {
    start(orphan);
    UNTIL_SET(0);
    _exit(0);
}

static void subreaper(void) {
    set_word(0, 0), set_word(1, 0);
    CHECK_WORKS(prctl(PR_SET_CHILD_SUBREAPER, 1));
    CHECK_EQUAL(status_of(start(leave_orphan)), 0);
    int status = 0;
    CHECK_EQUAL(wait(&status), shared[0]);
    CHECK_EQUAL(status, 5 << 8);
    CHECK_EQUAL(shared[1], getpid());
    CHECK_WORKS(prctl(PR_SET_CHILD_SUBREAPER, 0));
}

static void leave_zombie(void) {
    set_word(0, start(end_with_7));
    siginfo_t info;
    waitid(P_PID, shared[0], &info, WEXITED | WNOWAIT);
    _exit(0);
}

static void zombies_are_inherited(void) {
    set_word(0, 0);
    CHECK_WORKS(prctl(PR_SET_CHILD_SUBREAPER, 1));
    catch_children(SA_RESTART);
    CHECK_EQUAL(status_of(start(leave_zombie)), 0);
    CHECK_EQUAL(status_of(shared[0]), 7 << 8);
    CHECK(child_signals >= 1);
    signal(SIGCHLD, SIG_DFL);
    CHECK_WORKS(prctl(PR_SET_CHILD_SUBREAPER, 0));
}

static void process_one(void) {
    CHECK(kill(1, 0) == 0 || errno == EPERM);
    CHECK_WORKS(access("/proc/1/stat", F_OK));
    CHECK(getpgid(1) >= 0);
    // Somebody takes orphans, and waits for them.
    set_word(0, 0), set_word(1, 0);
    CHECK_EQUAL(status_of(start(leave_orphan)), 0);
    UNTIL_SET(1);
    CHECK(shared[1] != getpid());
    UNTIL(kill(shared[0], 0) == -1 && errno == ESRCH);
}

static void on_parent_death(int number) {
    set_word(1, number);
    _exit(0);
}

static void await_death_of_parent(void) {
    signal(SIGUSR1, on_parent_death);
    prctl(PR_SET_PDEATHSIG, SIGUSR1);
    set_word(0, getpid());
    sleep_for_ever();
}

static void *make_and_end(void *unused) {
    start(await_death_of_parent);
    UNTIL_SET(0);
    return unused;
}

static void leave_child_that_hears(void) {
    start(await_death_of_parent);
    UNTIL_SET(0);
    _exit(0);
}

static void death_of_parent(void) {
    set_word(0, 0), set_word(1, 0);
    CHECK_EQUAL(status_of(start(leave_child_that_hears)), 0);
    UNTIL_SET(1);
    CHECK_EQUAL(shared[1], SIGUSR1);
    // The parent is the thread.
    set_word(0, 0), set_word(1, 0);
    pthread_t thread;
    pthread_create(&thread, NULL, make_and_end, NULL);
    pthread_join(thread, NULL);
    UNTIL_SET(1);
    CHECK_EQUAL(status_of(shared[0]), 0);
}

static void on_hangup(int number) {
    (void)number;
    set_word(2, 1);
}

static void on_continue(int number) {
    (void)number;
    set_word(3, 1);
}

static void stop_oneself(void) {
    signal(SIGHUP, on_hangup);
    signal(SIGCONT, on_continue);
    set_word(0, getpid());
    raise(SIGSTOP);
    while (!shared[2] || !shared[3])
        usleep(1000);
    _exit(0);
}

// A session whose leader's child, in a group of its own, has a stopped child: the group is orphaned by the middle one's end.
static void be_session(void) {
    setsid();
    pid_t middle = fork();
    if (middle == 0) {
        pid_t member = fork();
        if (member == 0) {
            setpgid(0, 0);
            stop_oneself();
        }
        int status;
        waitpid(member, &status, WUNTRACED);
        set_word(1, 1);
        _exit(0); // its child's group has no other connection
    }
    waitpid(middle, NULL, 0);
    UNTIL_SET(2);
    UNTIL_SET(3);
    _exit(check_failures != 0);
}

static void orphaned_groups(void) {
    for (int i = 0; i < 4; i++)
        set_word(i, 0);
    CHECK_EQUAL(status_of(start(be_session)), 0);
}

static void rules_of_setpgid(void) {
    int ends[2];
    CHECK_WORKS(pipe(ends));
    pid_t child = fork();
    if (child == 0) {
        setsid();
        CHECK_FAILS(setpgid(0, 0), EPERM); // a session leader
        CHECK_FAILS(setsid(), EPERM);
        write(ends[1], "", 1);
        sleep_for_ever();
    }
    char byte;
    CHECK_EQUAL(read(ends[0], &byte, 1), 1);
    CHECK_FAILS(setpgid(child, child), EPERM); // in another session
    CHECK_EQUAL(getsid(child), child);
    CHECK_FAILS(setpgid(0, child), EPERM);
    CHECK_FAILS(setpgid(0, -1), EINVAL);
    CHECK_FAILS(setpgid(getppid(), 0), ESRCH); // not a child
    kill(child, SIGKILL);
    CHECK_EQUAL(status_of(child), SIGKILL);
    close(ends[0]), close(ends[1]);
}

int main(int argc, char **argv) {
    static const struct section sections[] = {
        SECTION(statuses), SECTION(stops_and_continues), SECTION(groups), SECTION(signal_of_children), SECTION(children_of_threads), SECTION(usage),
        SECTION(subreaper), SECTION(zombies_are_inherited), SECTION(process_one), SECTION(death_of_parent), SECTION(orphaned_groups),
        SECTION(rules_of_setpgid),
    };
    default_signals();
    shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return run_sections(sections, (int)(sizeof sections / sizeof sections[0]), argc, argv);
}
