// Core files (core(5), elf(5)): when there is one, how it is called, what is in it.
#include "check.h"
#include <elf.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/procfs.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define PAGE 4096UL

static bool is_root;

// The name that the system gives; NULL where it isn't a file of the working directory, which a test had better not change natively.
static const char *core_name(void) {
    static char pattern[128], with_id[8];
    int fd = open("/proc/sys/kernel/core_pattern", O_RDONLY);
    ssize_t length = read(fd, pattern, sizeof pattern - 1);
    close(fd);
    fd = open("/proc/sys/kernel/core_uses_pid", O_RDONLY);
    bool uses_id = read(fd, with_id, 2) > 0 && with_id[0] == '1';
    close(fd);
    return !uses_id && length > 0 && strncmp(pattern, "core\n", 5) == 0 ? "core" : NULL;
}

static bool is_inside(void) {
    char text[256] = "";
    int fd = open("/proc/sys/kernel/osrelease", O_RDONLY);
    read(fd, text, sizeof text - 1);
    close(fd);
    return strstr(text, "cloister") != NULL;
}

static void allow(rlim_t size) {
    struct rlimit limit = { size, RLIM_INFINITY };
    CHECK_WORKS(setrlimit(RLIMIT_CORE, &limit));
}

static int run(void (*body)(void)) {
    unlink("core");
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        body();
        _exit(9);
    }
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    return status;
}

static void die(void) {
    allow(RLIM_INFINITY);
    raise(SIGQUIT);
}

static void die_without(void) {
    allow(0);
    raise(SIGQUIT);
}

static void die_too_small(void) {
    allow(PAGE - 1);
    raise(SIGQUIT);
}

static void die_of_another(void) {
    allow(RLIM_INFINITY);
    raise(SIGTERM);
}

static void die_undumpable(void) {
    allow(RLIM_INFINITY);
    prctl(PR_SET_DUMPABLE, 0);
    raise(SIGQUIT);
}

static void when(void) {
    const char *name = core_name();
    struct stat is;
    int status = run(die);
    CHECK_EQUAL(WTERMSIG(status), SIGQUIT);
    if (name) {
        CHECK(WCOREDUMP(status));
        CHECK_WORKS(stat(name, &is));
        CHECK_EQUAL(is.st_mode, S_IFREG | 0600);
        CHECK(is.st_size > 0);
        // One that is there goes.
        ino_t before = is.st_ino;
        int held = open(name, O_RDONLY);
        status = fork();
        if (status == 0)
            die();
        waitpid(status, &status, 0);
        CHECK(WCOREDUMP(status));
        CHECK_WORKS(stat(name, &is));
        CHECK(is.st_ino != before);
        CHECK_WORKS(fstat(held, &is));
        CHECK_EQUAL(is.st_nlink, 0);
        close(held);
    }

    CHECK_EQUAL(run(die_without), SIGQUIT);
    CHECK_FAILS(stat("core", &is), ENOENT);
    CHECK_EQUAL(run(die_of_another), SIGTERM);
    CHECK_FAILS(stat("core", &is), ENOENT);
    CHECK_EQUAL(run(die_undumpable), SIGQUIT);
    CHECK_FAILS(stat("core", &is), ENOENT);
    if (name) {
        CHECK_EQUAL(run(die_too_small), SIGQUIT);
        CHECK_FAILS(stat("core", &is), ENOENT);
        // What can't be replaced stays, and there is no core file.
        CHECK_WORKS(mkdir("core", 0700));
        CHECK_EQUAL(WCOREDUMP(run(die)), 0);
        CHECK_WORKS(rmdir("core"));
    }
}

static void parent_is_told(void) {
    if (!core_name())
        return;
    unlink("core");
    pid_t child = fork();
    if (child == 0)
        die();
    siginfo_t info;
    CHECK_WORKS(waitid(P_PID, child, &info, WEXITED));
    CHECK_EQUAL(info.si_code, CLD_DUMPED);
    CHECK_EQUAL(info.si_status, SIGQUIT);
}

static char *core;
static long core_size;

static void load(void) {
    int fd = open("core", O_RDONLY);
    struct stat is = { 0 };
    fstat(fd, &is);
    core_size = is.st_size;
    core = mmap(NULL, core_size + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (long at = 0; at < core_size;) {
        ssize_t count = read(fd, core + at, core_size - at);
        if (count <= 0)
            break;
        at += count;
    }
    close(fd);
}

static Elf64_Phdr *segments(int *count) {
    Elf64_Ehdr *header = (Elf64_Ehdr *)core;
    *count = header->e_phnum;
    return (Elf64_Phdr *)(core + header->e_phoff);
}

// The bytes of an address in the file; NULL where it doesn't have them.
static void *bytes_at(void *address) {
    int count;
    Elf64_Phdr *all = segments(&count);
    for (int i = 0; i < count; i++) {
        unsigned long offset = (unsigned long)address - all[i].p_vaddr;
        if (all[i].p_type == PT_LOAD && (unsigned long)address >= all[i].p_vaddr && offset < all[i].p_filesz)
            return core + all[i].p_offset + offset;
    }
    return NULL;
}

static void *note(unsigned type, int index, unsigned *size) {
    int count;
    Elf64_Phdr *all = segments(&count);
    for (int i = 0; i < count; i++) {
        if (all[i].p_type != PT_NOTE)
            continue;
        char *at = core + all[i].p_offset, *end = at + all[i].p_filesz;
        while (at < end) {
            Elf64_Nhdr *header = (Elf64_Nhdr *)at;
            char *content = at + sizeof *header + ((header->n_namesz + 3) & ~3u);
            if (header->n_type == type && index-- == 0) {
                *size = header->n_descsz;
                return content;
            }
            at = content + ((header->n_descsz + 3) & ~3u);
        }
    }
    return NULL;
}

static char *private_page, *shared_page, *left_out, *untouched, *read_only_file, *changed_file;
static pthread_barrier_t barrier;
static volatile int *nothing;

static void *sleep_in_thread(void *argument) {
    prctl(PR_SET_NAME, "sleeper");
    pthread_barrier_wait(&barrier);
    pause();
    return argument;
}

static void map_all(void) {
    private_page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    shared_page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    left_out = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    untouched = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600);
    char zeros[PAGE];
    memset(zeros, 'f', sizeof zeros);
    write(fd, zeros, sizeof zeros);
    read_only_file = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    changed_file = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    close(fd);
}

static void crash(void) {
    strcpy(private_page, "private");
    strcpy(shared_page, "shared");
    strcpy(left_out, "left out");
    untouched[3 * PAGE] = 'x';
    strcpy(changed_file, "changed");
    CHECK(read_only_file[0] == 'f');
    CHECK_WORKS(madvise(left_out, PAGE, MADV_DONTDUMP));
    // Rights that the program hasn't got itself don't matter.
    CHECK_WORKS(mprotect(private_page, PAGE, PROT_NONE));
    pthread_t thread;
    pthread_barrier_init(&barrier, NULL, 2);
    pthread_create(&thread, NULL, sleep_in_thread, NULL);
    pthread_barrier_wait(&barrier);
    allow(RLIM_INFINITY);
    *nothing = 1;
}

static void content(void) {
    if (!core_name())
        return;
    map_all();
    nothing = (int *)16;
    int status = run(crash);
    NEED(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV && WCOREDUMP(status));
    load();
    Elf64_Ehdr *header = (Elf64_Ehdr *)core;
    NEED(memcmp(header->e_ident, ELFMAG, SELFMAG) == 0);
    CHECK_EQUAL(header->e_type, ET_CORE);
    int count;
    Elf64_Phdr *all = segments(&count);
    CHECK_EQUAL(all[count - 1].p_offset + all[count - 1].p_filesz, core_size);

    unsigned size;
    struct elf_prstatus *state = note(NT_PRSTATUS, 0, &size);
    NEED(state);
    CHECK_EQUAL(size, sizeof *state);
    CHECK_EQUAL(state->pr_cursig, SIGSEGV);
    CHECK_EQUAL(state->pr_ppid, getpid());
    CHECK(state->pr_fpvalid);
    struct elf_prstatus *other = note(NT_PRSTATUS, 1, &size);
    NEED(other);
    CHECK(other->pr_pid != state->pr_pid);
    CHECK(note(NT_PRSTATUS, 2, &size) == NULL);
    CHECK(note(NT_PRFPREG, 1, &size) != NULL);
    struct elf_prpsinfo *process = note(NT_PRPSINFO, 0, &size);
    NEED(process);
    CHECK_EQUAL(size, sizeof *process);
    CHECK_TEXT(process->pr_fname, "cores");
    CHECK_EQUAL(process->pr_pid, state->pr_pid);
    CHECK_EQUAL(process->pr_uid, getuid());
    siginfo_t *info = note(NT_SIGINFO, 0, &size);
    NEED(info);
    CHECK_EQUAL(info->si_signo, SIGSEGV);
    CHECK(info->si_addr == (void *)16);
    CHECK(note(NT_AUXV, 0, &size) != NULL);
    CHECK(note(NT_FILE, 0, &size) != NULL);
#ifdef __x86_64__
    CHECK(bytes_at((void *)((struct user_regs_struct *)state->pr_reg)->rsp) != NULL);
    unsigned long at = ((struct user_regs_struct *)state->pr_reg)->rip;
    CHECK(at >= (unsigned long)crash && at < (unsigned long)crash + 1000);
#endif
    NEED(bytes_at(private_page) && bytes_at(shared_page) && bytes_at(changed_file) && bytes_at(untouched));
    CHECK_TEXT(bytes_at(private_page), "private");
    CHECK_TEXT(bytes_at(shared_page), "shared");
    CHECK_TEXT(bytes_at(changed_file), "changed");
    CHECK_EQUAL(*(char *)bytes_at(untouched), 0);
    CHECK_EQUAL(*(char *)bytes_at(untouched + 3 * PAGE), 'x');
    CHECK_EQUAL(*(char *)bytes_at(untouched + 63 * PAGE), 0);
    CHECK(bytes_at(left_out) == NULL);
    CHECK(bytes_at(read_only_file) == NULL);
    munmap(core, core_size + PAGE);
    unlink("file");
}

static void set_filter(const char *text, int error) {
    int fd = open("/proc/self/coredump_filter", O_RDWR);
    if (error)
        CHECK_FAILS(write(fd, text, strlen(text)), error);
    else
        CHECK_EQUAL(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static void read_filter(const char *expected) {
    char text[16] = "";
    int fd = open("/proc/self/coredump_filter", O_RDONLY);
    CHECK(read(fd, text, sizeof text - 1) > 0);
    close(fd);
    CHECK_TEXT(text, expected);
}

static void filter(void) {
    read_filter("00000033\n");
    set_filter("x", EINVAL);
    set_filter("0x10", 0);
    read_filter("00000010\n");
    set_filter("4", 0);
    // A child has its parent's.
    if (core_name()) {
        map_all();
        nothing = (int *)16;
        CHECK(WCOREDUMP(run(crash)));
        load();
        CHECK(bytes_at(private_page) == NULL);
        CHECK(bytes_at(shared_page) == NULL);
        NEED(bytes_at(read_only_file));
        CHECK_EQUAL(*(char *)bytes_at(read_only_file), 'f');
        munmap(core, core_size + PAGE);
        unlink("file");
    }

    set_filter("51", 0);
    read_filter("00000033\n");
}

static void die_at_limit(void) {
    char *big = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(big, 1, 64 * PAGE);
    allow(16 * PAGE);
    raise(SIGABRT);
}

static void limit(void) {
    if (!core_name())
        return;
    int status = run(die_at_limit);
    CHECK_EQUAL(WTERMSIG(status), SIGABRT);
    CHECK(WCOREDUMP(status));
    struct stat is;
    CHECK_WORKS(stat("core", &is));
    CHECK(is.st_blocks * 512 <= (long)(16 * PAGE));
}

static void die_named(void) {
    prctl(PR_SET_NAME, "a/b");
    die();
}

static void write_setting(const char *path, const char *text) {
    int fd = open(path, O_WRONLY);
    CHECK_EQUAL(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

// Inside only: natively the setting is the whole machine's.
static void pattern(void) {
    if (!is_inside() || !is_root)
        return;
    write_setting("/proc/sys/kernel/core_pattern", "c.%e.%s.%u.%%.%q%\n");
    CHECK(WCOREDUMP(run(die_named)));
    CHECK_WORKS(unlink("c.a!b.3.0.%."));
    write_setting("/proc/sys/kernel/core_pattern", "core");
    write_setting("/proc/sys/kernel/core_uses_pid", "1");
    unlink("core");
    pid_t child = fork();
    if (child == 0)
        die();
    int status;
    waitpid(child, &status, 0);
    CHECK(WCOREDUMP(status));
    char name[32];
    snprintf(name, sizeof name, "core.%d", child);
    CHECK_WORKS(unlink(name));
    write_setting("/proc/sys/kernel/core_uses_pid", "0");
}

static void die_as_another(void) {
    allow(RLIM_INFINITY);
    CHECK_WORKS(setuid(65534));
    raise(SIGQUIT);
}

static void die_as_another_dumpable(void) {
    allow(RLIM_INFINITY);
    CHECK_WORKS(setuid(65534));
    CHECK_WORKS(prctl(PR_SET_DUMPABLE, 1));
    raise(SIGQUIT);
}

static void users(void) {
    if (!is_root || !core_name())
        return;
    struct stat is;
    CHECK_EQUAL(run(die_as_another), SIGQUIT);
    // It may not write here.
    CHECK_EQUAL(run(die_as_another_dumpable), SIGQUIT);
    CHECK_WORKS(chmod(".", 0777));
    CHECK(WCOREDUMP(run(die_as_another_dumpable)));
    CHECK_WORKS(stat("core", &is));
    CHECK_EQUAL(is.st_uid, 65534);
}

static const char *scratch;

static void enter(void) {
    is_root = getuid() == 0;
    scratch = enter_scratch();
}

static void leave(void) {
    unlink("core");
    leave_scratch(scratch);
}

MAIN(SECTION(enter), SECTION(when), SECTION(parent_is_told), SECTION(content), SECTION(filter), SECTION(limit), SECTION(pattern), SECTION(users),
     SECTION(leave))
