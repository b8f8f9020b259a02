// System V IPC: shared memory, semaphores, message queues (svipc(7)).
#include "check.h"
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/wait.h>

#define PAGE 4096

union semun {
    int val;
    struct semid_ds *buf;
    unsigned short *array;
    struct seminfo *info;
};

static long attaches(int id) {
    struct shmid_ds status;
    return shmctl(id, IPC_STAT, &status) == 0 ? (long)status.shm_nattch : -1;
}

static void segments(void) {
    int id = shmget(IPC_PRIVATE, 3 * PAGE - 5, IPC_CREAT | 0640);
    CHECK(id >= 0);
    struct shmid_ds status;
    CHECK_EQUAL(shmctl(id, IPC_STAT, &status), 0);
    CHECK_EQUAL(status.shm_segsz, 3 * PAGE - 5);
    CHECK_EQUAL(status.shm_perm.mode, 0640);
    CHECK_EQUAL(status.shm_perm.__key, IPC_PRIVATE);
    CHECK_EQUAL(status.shm_perm.uid, geteuid());
    CHECK_EQUAL(status.shm_perm.cgid, getegid());
    CHECK_EQUAL(status.shm_cpid, getpid());
    CHECK_EQUAL(status.shm_lpid, 0);
    CHECK_EQUAL(status.shm_nattch, 0);
    CHECK_EQUAL(status.shm_atime, 0);
    CHECK(status.shm_ctime != 0);

    char *one = shmat(id, NULL, 0);
    char *two = shmat(id, NULL, SHM_RDONLY);
    CHECK(one != (void *)-1 && two != (void *)-1 && one != two);
    CHECK_EQUAL(attaches(id), 2);
    one[0] = 'x';
    one[3 * PAGE - 1] = 'y';
    CHECK_EQUAL(two[0], 'x');
    CHECK_EQUAL(two[3 * PAGE - 1], 'y');
    CHECK_FAILS(mprotect(two, PAGE, PROT_READ | PROT_WRITE), EACCES);
    CHECK_EQUAL(shmctl(id, IPC_STAT, &status), 0);
    CHECK_EQUAL(status.shm_lpid, getpid());
    CHECK(status.shm_atime != 0);
    CHECK_EQUAL(status.shm_dtime, 0);

    // Each region counts; what is left of an attachment is found by where it began.
    CHECK_EQUAL(mprotect(one + PAGE, PAGE, PROT_READ), 0);
    CHECK_EQUAL(attaches(id), 4);
    CHECK_EQUAL(munmap(one + PAGE, PAGE), 0);
    CHECK_EQUAL(attaches(id), 3);
    CHECK_FAILS(shmdt(one + PAGE), EINVAL);
    CHECK_FAILS(shmdt(one + 1), EINVAL);
    CHECK_EQUAL(shmdt(one), 0);
    CHECK_EQUAL(attaches(id), 1);
    CHECK_FAILS(shmdt(one), EINVAL);
    CHECK_EQUAL(shmctl(id, IPC_STAT, &status), 0);
    CHECK(status.shm_dtime != 0);

    // Removed, it lives until nobody shows it.
    CHECK_EQUAL(shmctl(id, IPC_RMID, NULL), 0);
    CHECK_EQUAL(shmctl(id, IPC_STAT, &status), 0);
    CHECK_EQUAL(status.shm_perm.mode, 0640 | 01000);
    CHECK_EQUAL(two[0], 'x');
    char *three = shmat(id, NULL, 0);
    CHECK(three != (void *)-1);
    CHECK_EQUAL(three[0], 'x');
    CHECK_EQUAL(shmdt(two), 0);
    CHECK_EQUAL(munmap(three, 3 * PAGE), 0);
    CHECK_FAILS(shmctl(id, IPC_STAT, &status), EINVAL);
    CHECK_FAILS((long)shmat(id, NULL, 0), EINVAL);
}

static void segment_keys(void) {
    key_t key = 0x51c0 + getpid();
    CHECK_FAILS(shmget(key, PAGE, 0), ENOENT);
    int id = shmget(key, PAGE, IPC_CREAT | 0600);
    CHECK(id >= 0);
    CHECK_EQUAL(shmget(key, PAGE, IPC_CREAT | 0600), id);
    CHECK_EQUAL(shmget(key, 0, 0), id);
    CHECK_EQUAL(shmget(key, 10, 0), id);
    CHECK_FAILS(shmget(key, PAGE + 1, 0), EINVAL);
    CHECK_FAILS(shmget(key, PAGE, IPC_CREAT | IPC_EXCL | 0600), EEXIST);
    CHECK_EQUAL(shmctl(id, IPC_RMID, NULL), 0);
    CHECK_FAILS(shmget(key, PAGE, 0), ENOENT);
    CHECK_FAILS(shmctl(id, IPC_RMID, NULL), EINVAL);
    CHECK_FAILS(shmget(key, 0, IPC_CREAT | 0600), EINVAL);
    CHECK_FAILS(shmctl(-1, IPC_STAT, NULL), EINVAL);
    CHECK_FAILS(shmctl(id, 99, NULL), EINVAL);

    // A place that is used again gives another id.
    int first = shmget(IPC_PRIVATE, PAGE, 0600);
    CHECK_EQUAL(shmctl(first, IPC_RMID, NULL), 0);
    int second = shmget(IPC_PRIVATE, PAGE, 0600);
    CHECK(second != first);
    struct shmid_ds status;
    CHECK_FAILS(shmctl(first, IPC_STAT, &status), EINVAL);
    CHECK_EQUAL(shmctl(second & 32767, SHM_STAT, &status), second);
    CHECK_EQUAL(shmctl(second & 32767, SHM_STAT_ANY, &status), second);
    CHECK_FAILS(shmctl(second, IPC_STAT, (void *)8), EFAULT);
    CHECK_FAILS(shmctl(second, IPC_SET, (void *)8), EFAULT);
    status.shm_perm.mode = 0400;
    CHECK_EQUAL(shmctl(second, IPC_SET, &status), 0);
    CHECK_EQUAL(shmctl(second, IPC_STAT, &status), 0);
    CHECK_EQUAL(status.shm_perm.mode, 0400);
    CHECK_EQUAL(shmctl(second, SHM_LOCK, NULL), 0);
    CHECK_EQUAL(shmctl(second, IPC_STAT, &status), 0);
    CHECK_EQUAL(status.shm_perm.mode, 02000 | 0400);
    CHECK_EQUAL(shmctl(second, SHM_UNLOCK, NULL), 0);
    CHECK_EQUAL(shmctl(second, IPC_RMID, NULL), 0);
    struct shminfo limits;
    CHECK(shmctl(0, IPC_INFO, (void *)&limits) >= 0);
    CHECK_EQUAL(limits.shmmin, 1);
    CHECK_EQUAL(limits.shmmni, 4096);
    CHECK_EQUAL(limits.shmmax, ULONG_MAX - (1ul << 24));
    CHECK_FAILS(shmget(IPC_PRIVATE, ULONG_MAX, 0600), EINVAL);
}

static void segment_places(void) {
    int id = shmget(IPC_PRIVATE, 2 * PAGE, 0600);
    char *room = mmap(NULL, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK_FAILS((long)shmat(id, room, 0), EINVAL);
    CHECK_FAILS((long)shmat(id, room + 5, 0), EINVAL);
    CHECK_FAILS((long)shmat(id, room + 5, SHM_RND), EINVAL);
    CHECK_FAILS((long)shmat(id, NULL, SHM_REMAP), EINVAL);
    CHECK_EQUAL((long)shmat(id, room + 5, SHM_RND | SHM_REMAP), (long)room);
    room[2 * PAGE] = 1;
    CHECK_EQUAL(shmdt(room), 0);
    CHECK_EQUAL((long)shmat(id, room + 5, SHM_RND), (long)room);
    room[PAGE] = 7;
    CHECK_EQUAL((long)mremap(room, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, room + 4 * PAGE), (long)(room + 4 * PAGE));
    CHECK_EQUAL(attaches(id), 1);
    CHECK_EQUAL(room[5 * PAGE], 7);
    CHECK_EQUAL(shmdt(room + 4 * PAGE), 0);
    CHECK_EQUAL(attaches(id), 0);
    munmap(room, 8 * PAGE);

    // What threads see, children see, and exec'd programs don't.
    char *at = shmat(id, NULL, 0);
    pid_t child = vfork();
    if (child == 0) {
        at[0] = 3;
        shmdt(at);
        _exit(0);
    }
    CHECK_EQUAL(waitpid(child, NULL, 0), child);
    CHECK_FAILS(shmdt(at), EINVAL);
    at = shmat(id, NULL, SHM_EXEC);
    CHECK_EQUAL(at[0], 3);

    // It is shared memory to futexes, and /proc names it.
    char line[400], expected[64];
    snprintf(expected, sizeof expected, "/SYSV%08x (deleted)", 0);
    bool found = false;
    FILE *maps = fopen("/proc/self/maps", "r");
    while (fgets(line, sizeof line, maps))
        found |= strtoul(line, NULL, 16) == (unsigned long)at && strstr(line, expected) && strstr(line, "rwxs");
    fclose(maps);
    CHECK(found);
    found = false;
    FILE *table = fopen("/proc/sysvipc/shm", "r");
    CHECK(fgets(line, sizeof line, table) && strstr(line, "shmid perms"));
    while (fgets(line, sizeof line, table)) {
        int key, shmid, creator, last;
        unsigned mode;
        unsigned long size, count;
        CHECK_EQUAL(sscanf(line, "%d %d %o %lu %d %d %lu", &key, &shmid, &mode, &size, &creator, &last, &count), 7);
        if (shmid == id)
            found = mode == 0600 && size == 2 * PAGE && creator == getpid() && count == 1;
    }
    fclose(table);
    CHECK(found);
    shmctl(id, IPC_RMID, NULL);
    shmdt(at);
}

static int operate(int id, int number, int value, int flags) {
    struct sembuf operation = { number, value, flags };
    return semop(id, &operation, 1);
}

static int value_of(int id, int number) { return semctl(id, number, GETVAL); }

static void semaphores(void) {
    int id = semget(IPC_PRIVATE, 3, 0600);
    CHECK(id >= 0);
    struct semid_ds status;
    CHECK_EQUAL(semctl(id, 0, IPC_STAT, &status), 0);
    CHECK_EQUAL(status.sem_nsems, 3);
    CHECK_EQUAL(status.sem_otime, 0);
    CHECK_EQUAL(status.sem_perm.mode, 0600);
    CHECK_EQUAL(value_of(id, 2), 0);
    CHECK_EQUAL(operate(id, 1, 5, 0), 0);
    CHECK_EQUAL(value_of(id, 1), 5);
    CHECK_EQUAL(semctl(id, 1, GETPID), getpid());
    CHECK_EQUAL(semctl(id, 0, GETPID), 0);
    CHECK_FAILS(operate(id, 1, -6, IPC_NOWAIT), EAGAIN);
    CHECK_FAILS(operate(id, 1, 0, IPC_NOWAIT), EAGAIN);
    CHECK_FAILS(operate(id, 3, 1, 0), EFBIG);
    CHECK_EQUAL(semctl(id, 0, IPC_STAT, &status), 0);
    CHECK(status.sem_otime != 0);

    // All or nothing.
    struct sembuf both[] = { { 0, 3, 0 }, { 1, -6, IPC_NOWAIT } };
    CHECK_FAILS(semop(id, both, 2), EAGAIN);
    CHECK_EQUAL(value_of(id, 0), 0);
    struct sembuf twice[] = { { 0, 1, 0 }, { 0, -1, 0 }, { 0, 0, 0 }, { 1, -5, 0 } };
    CHECK_EQUAL(semop(id, twice, 4), 0);
    CHECK_EQUAL(value_of(id, 1), 0);
    CHECK_EQUAL(semctl(id, 0, SETVAL, (union semun){ .val = 32767 }), 0);
    CHECK_FAILS(operate(id, 0, 1, 0), ERANGE);
    CHECK_FAILS(semctl(id, 0, SETVAL, (union semun){ .val = 32768 }), ERANGE);
    CHECK_FAILS(semctl(id, 0, SETVAL, (union semun){ .val = -1 }), ERANGE);
    CHECK_FAILS(semctl(id, 3, SETVAL, (union semun){ .val = 1 }), EINVAL);
    CHECK_FAILS(semctl(id, 3, GETVAL), EINVAL);
    unsigned short values[3] = { 7, 8, 9 };
    CHECK_EQUAL(semctl(id, 0, SETALL, (union semun){ .array = values }), 0);
    memset(values, 0, sizeof values);
    CHECK_EQUAL(semctl(id, 0, GETALL, (union semun){ .array = values }), 0);
    CHECK_EQUAL(values[0] * 100 + values[1] * 10 + values[2], 789);
    values[1] = 40000;
    CHECK_FAILS(semctl(id, 0, SETALL, (union semun){ .array = values }), ERANGE);
    CHECK_FAILS(semctl(id, 0, SETALL, (union semun){ .array = (void *)8 }), EFAULT);
    CHECK_FAILS(semctl(id, 0, GETALL, (union semun){ .array = (void *)8 }), EFAULT);
    CHECK_FAILS(semop(id, NULL, 1), EFAULT);
    CHECK_FAILS(semop(id, both, 0), EINVAL);
    CHECK_FAILS(semop(-1, both, 1), EINVAL);
    struct sembuf many[501];
    memset(many, 0, sizeof many);
    CHECK_FAILS(semop(id, many, 501), E2BIG);
    CHECK_FAILS(semctl(id, 0, 99), EINVAL);

    struct timespec moment = { 0, 1000000 };
    struct sembuf down = { 0, -100, 0 };
    CHECK_FAILS(semtimedop(id, &down, 1, &moment), EAGAIN);
    moment.tv_nsec = 1000000000;
    CHECK_FAILS(semtimedop(id, &down, 1, &moment), EINVAL);
    CHECK_FAILS(semtimedop(id, &down, 1, (void *)8), EFAULT);
    CHECK_EQUAL(semctl(id, 0, GETNCNT), 0);
    CHECK_EQUAL(semctl(id, 0, IPC_RMID), 0);
    CHECK_FAILS(semctl(id, 0, GETVAL), EINVAL);

    CHECK_FAILS(semget(IPC_PRIVATE, 0, 0600), EINVAL);
    CHECK_FAILS(semget(IPC_PRIVATE, 32001, 0600), EINVAL);
    CHECK_FAILS(semget(IPC_PRIVATE, -1, 0600), EINVAL);
    key_t key = 0x5e30 + getpid();
    id = semget(key, 2, IPC_CREAT | 0600);
    CHECK_EQUAL(semget(key, 0, 0), id);
    CHECK_EQUAL(semget(key, 2, 0), id);
    CHECK_FAILS(semget(key, 3, 0), EINVAL);
    CHECK_EQUAL(semctl(id & 32767, 0, SEM_STAT, &status), id);
    CHECK_EQUAL(semctl(id, 0, IPC_RMID), 0);
    struct seminfo limits;
    CHECK(semctl(0, 0, IPC_INFO, (union semun){ .info = &limits }) >= 0);
    CHECK_EQUAL(limits.semmsl, 32000);
    CHECK_EQUAL(limits.semopm, 500);
    CHECK_EQUAL(limits.semvmx, 32767);
    CHECK_EQUAL(limits.semusz, 20);
}

struct waiter {
    int id, number, value, flags;
    int result, error;
    pthread_t thread;
};

static void *wait_for_semaphore(void *argument) {
    struct waiter *waiter = argument;
    waiter->result = operate(waiter->id, waiter->number, waiter->value, waiter->flags);
    waiter->error = errno;
    return NULL;
}

static void start(struct waiter *waiter, int command, int already) {
    pthread_create(&waiter->thread, NULL, wait_for_semaphore, waiter);
    while (semctl(waiter->id, waiter->number, command) == already)
        sched_yield();
}

static void on_signal(int signal) { (void)signal; }

static void waiting(void) {
    int id = semget(IPC_PRIVATE, 2, 0600);
    struct waiter first = { .id = id, .value = -2 }, second = { .id = id, .value = -1 }, zero = { .id = id, .number = 1 };
    semctl(id, 1, SETVAL, (union semun){ .val = 1 });
    start(&first, GETNCNT, 0);
    start(&second, GETNCNT, 1);
    start(&zero, GETZCNT, 0);
    CHECK_EQUAL(semctl(id, 0, GETZCNT), 0);
    CHECK_EQUAL(semctl(id, 1, GETNCNT), 0);

    // The second can go although the first came before.
    CHECK_EQUAL(operate(id, 0, 1, 0), 0);
    pthread_join(second.thread, NULL);
    CHECK_EQUAL(second.result, 0);
    CHECK_EQUAL(value_of(id, 0), 0);
    CHECK_EQUAL(semctl(id, 0, GETNCNT), 1);
    CHECK_EQUAL(semctl(id, 0, SETVAL, (union semun){ .val = 3 }), 0);
    pthread_join(first.thread, NULL);
    CHECK_EQUAL(value_of(id, 0), 1);
    CHECK_EQUAL(operate(id, 1, -1, 0), 0);
    pthread_join(zero.thread, NULL);
    CHECK_EQUAL(zero.result, 0);

    // A handler ends the wait, with SA_RESTART too; removal ends all.
    struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
    sigaction(SIGUSR1, &action, NULL);
    first.value = second.value = -9;
    start(&first, GETNCNT, 0);
    start(&second, GETNCNT, 1);
    pthread_kill(first.thread, SIGUSR1);
    pthread_join(first.thread, NULL);
    CHECK_EQUAL(first.result, -1);
    CHECK_EQUAL(first.error, EINTR);
    CHECK_EQUAL(semctl(id, 0, GETNCNT), 1);
    CHECK_EQUAL(semctl(id, 0, IPC_RMID), 0);
    pthread_join(second.thread, NULL);
    CHECK_EQUAL(second.result, -1);
    CHECK_EQUAL(second.error, EIDRM);
}

static void undo(void) {
    int id = semget(IPC_PRIVATE, 2, 0600);
    semctl(id, 0, SETVAL, (union semun){ .val = 5 });
    pid_t child = vfork();
    if (child == 0) {
        operate(id, 0, -2, SEM_UNDO);
        operate(id, 0, -1, 0);
        operate(id, 1, 4, SEM_UNDO);
        _exit(value_of(id, 0));
    }
    int status;
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    CHECK_EQUAL(WEXITSTATUS(status), 2);
    CHECK_EQUAL(value_of(id, 0), 4);
    CHECK_EQUAL(value_of(id, 1), 0);
    CHECK_EQUAL(semctl(id, 0, GETPID), child);

    // SETVAL forgets what was to be undone.
    child = vfork();
    if (child == 0) {
        operate(id, 0, -2, SEM_UNDO);
        semctl(id, 0, SETVAL, (union semun){ .val = 1 });
        operate(id, 1, 3, SEM_UNDO);
        operate(id, 1, -3, 0);
        _exit(0);
    }
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    CHECK_EQUAL(value_of(id, 0), 1);
    CHECK_EQUAL(value_of(id, 1), 0);
    CHECK_EQUAL(semctl(id, 0, IPC_RMID), 0);
}

struct message {
    long type;
    char text[9000];
};

static int send(int id, long type, const char *text, int flags) {
    struct message message = { .type = type };
    strcpy(message.text, text);
    return msgsnd(id, &message, strlen(text), flags);
}

static const char *receive(int id, long type, int flags) {
    static struct message message;
    memset(&message, 0, sizeof message);
    return msgrcv(id, &message, 100, type, flags) < 0 ? strerrorname_np(errno) : message.text;
}

static void messages(void) {
    int id = msgget(IPC_PRIVATE, 0600);
    CHECK(id >= 0);
    CHECK_EQUAL(send(id, 3, "three", 0), 0);
    CHECK_EQUAL(send(id, 1, "one", 0), 0);
    CHECK_EQUAL(send(id, 2, "two", 0), 0);
    CHECK_EQUAL(send(id, 2, "deux", 0), 0);
    CHECK_EQUAL(send(id, 5, "", 0), 0);
    struct msqid_ds status;
    CHECK_EQUAL(msgctl(id, IPC_STAT, &status), 0);
    CHECK_EQUAL(status.msg_qnum, 5);
    CHECK_EQUAL(status.__msg_cbytes, 15);
    CHECK_EQUAL(status.msg_qbytes, 16384);
    CHECK_EQUAL(status.msg_lspid, getpid());
    CHECK_EQUAL(status.msg_lrpid, 0);
    CHECK(status.msg_stime != 0 && status.msg_rtime == 0);
    CHECK_TEXT(receive(id, 1, MSG_COPY | IPC_NOWAIT), "one");
    CHECK_TEXT(receive(id, 9, MSG_COPY | IPC_NOWAIT), "ENOMSG");
    CHECK_TEXT(receive(id, 0, MSG_COPY), "EINVAL");
    CHECK_TEXT(receive(id, 2, 0), "two");
    CHECK_TEXT(receive(id, -2, 0), "one");
    CHECK_TEXT(receive(id, 3, MSG_EXCEPT), "deux");
    CHECK_TEXT(receive(id, 7, IPC_NOWAIT), "ENOMSG");
    struct message small;
    CHECK_FAILS(msgrcv(id, &small, 3, 3, 0), E2BIG);
    CHECK_EQUAL(msgrcv(id, &small, 3, 3, MSG_NOERROR), 3);
    CHECK_EQUAL(small.type, 3);
    CHECK_EQUAL(memcmp(small.text, "thr", 3), 0);
    CHECK_EQUAL(msgrcv(id, &small, 3, LONG_MIN, 0), 0);
    CHECK_FAILS(msgrcv(id, &small, 3, 0, IPC_NOWAIT), ENOMSG);
    CHECK_FAILS(msgrcv(id, &small, -1, 0, IPC_NOWAIT), EINVAL);
    CHECK_FAILS(send(id, 0, "x", 0), EINVAL);
    CHECK_FAILS(send(id, -1, "x", 0), EINVAL);
    small.type = 1;
    CHECK_FAILS(msgsnd(id, &small, 8193, 0), EINVAL);
    CHECK_FAILS(msgsnd(id, (void *)8, 1, 0), EFAULT);
    CHECK_EQUAL(msgsnd(id, &small, 8192, IPC_NOWAIT), 0);
    CHECK_EQUAL(msgsnd(id, &small, 8192, IPC_NOWAIT), 0);
    CHECK_FAILS(msgsnd(id, &small, 1, IPC_NOWAIT), EAGAIN);
    CHECK_EQUAL(msgsnd(id, &small, 0, IPC_NOWAIT), 0);
    CHECK_EQUAL(msgctl(id, IPC_STAT, &status), 0);
    status.msg_qbytes = 16385;
    if (geteuid() != 0)
        CHECK_FAILS(msgctl(id, IPC_SET, &status), EPERM);
    CHECK_EQUAL(msgctl(id & 32767, MSG_STAT, &status), id);
    CHECK_EQUAL(msgctl(id, IPC_RMID, NULL), 0);
    CHECK_FAILS(msgrcv(id, &small, 3, 0, IPC_NOWAIT), EINVAL);
    struct msginfo limits;
    CHECK(msgctl(0, IPC_INFO, (void *)&limits) >= 0);
    CHECK_EQUAL(limits.msgmax, 8192);
    CHECK_EQUAL(limits.msgmnb, 16384);
    CHECK_EQUAL(limits.msgmni, 32000);
    key_t key = 0x3500 + getpid();
    CHECK_FAILS(msgget(key, 0), ENOENT);
    id = msgget(key, IPC_CREAT | 0200);
    CHECK_EQUAL(msgget(key, 0), id);
    CHECK_FAILS(msgget(key, IPC_CREAT | IPC_EXCL), EEXIST);
    CHECK_EQUAL(msgctl(id, IPC_RMID, NULL), 0);
}

struct exchange {
    int id;
    long type;
    char *text;
    char got[20];
    int error;
    pid_t tid;
    pthread_t thread;
};

static void *receiver(void *argument) {
    struct exchange *exchange = argument;
    struct message message;
    __atomic_store_n(&exchange->tid, gettid(), __ATOMIC_SEQ_CST);
    ssize_t length = msgrcv(exchange->id, &message, sizeof exchange->got - 1, exchange->type, 0);
    exchange->error = length < 0 ? errno : 0;
    if (length >= 0)
        memcpy(exchange->got, message.text, length);
    return NULL;
}

static void *sender(void *argument) {
    struct exchange *exchange = argument;
    __atomic_store_n(&exchange->tid, gettid(), __ATOMIC_SEQ_CST);
    exchange->error = send(exchange->id, exchange->type, exchange->text, 0) < 0 ? errno : 0;
    return NULL;
}

// Until the thread sleeps in its call.
static void launch(struct exchange *exchange, void *(*run)(void *)) {
    exchange->tid = 0;
    memset(exchange->got, 0, sizeof exchange->got);
    pthread_create(&exchange->thread, NULL, run, exchange);
    while (__atomic_load_n(&exchange->tid, __ATOMIC_SEQ_CST) == 0)
        sched_yield();
    UNTIL(thread_state(exchange->tid) == 'S');
}

static void exchanges(void) {
    int id = msgget(IPC_PRIVATE, 0600);
    struct exchange two = { .id = id, .type = 2 }, any = { .id = id };
    launch(&two, receiver);
    CHECK_EQUAL(send(id, 1, "uno", 0), 0);
    receiver(&any);
    CHECK_TEXT(any.got, "uno");
    CHECK_EQUAL(send(id, 2, "due", 0), 0);
    pthread_join(two.thread, NULL);
    CHECK_TEXT(two.got, "due");
    struct msqid_ds status;
    CHECK_EQUAL(msgctl(id, IPC_STAT, &status), 0);
    CHECK_EQUAL(status.msg_qnum, 0);
    CHECK_EQUAL(status.msg_lrpid, two.tid); // of a message handed over, the thread

    // Too long for the first that waits: it fails, and the message stays.
    launch(&any, receiver);
    CHECK_EQUAL(send(id, 4, "a message of more than its room", 0), 0);
    pthread_join(any.thread, NULL);
    CHECK_EQUAL(any.error, E2BIG);
    CHECK_TEXT(receive(id, 0, IPC_NOWAIT), "a message of more than its room");

    // A full queue.
    struct message large = { .type = 1 };
    CHECK_EQUAL(msgsnd(id, &large, 8192, 0), 0);
    CHECK_EQUAL(msgsnd(id, &large, 8192, 0), 0);
    struct exchange blocked = { .id = id, .type = 6, .text = "late" };
    launch(&blocked, sender);
    CHECK_EQUAL(msgrcv(id, &large, 8192, 0, 0), 8192);
    pthread_join(blocked.thread, NULL);
    CHECK_EQUAL(blocked.error, 0);
    CHECK_TEXT(receive(id, 6, IPC_NOWAIT), "late");

    // IPC_SET lets those that wait look again; IPC_RMID ends them, on both sides.
    struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
    sigaction(SIGUSR1, &action, NULL);
    launch(&two, receiver);
    CHECK_EQUAL(msgctl(id, IPC_STAT, &status), 0);
    status.msg_qbytes = 8000;
    CHECK_EQUAL(msgctl(id, IPC_SET, &status), 0);
    CHECK_FAILS(send(id, 2, "no room", IPC_NOWAIT), EAGAIN);
    pthread_kill(two.thread, SIGUSR1);
    pthread_join(two.thread, NULL);
    CHECK_EQUAL(two.error, EINTR);
    launch(&blocked, sender);
    launch(&two, receiver);
    CHECK_EQUAL(msgctl(id, IPC_RMID, NULL), 0);
    pthread_join(two.thread, NULL);
    pthread_join(blocked.thread, NULL);
    CHECK_EQUAL(two.error, EIDRM);
    CHECK_EQUAL(blocked.error, EIDRM);
}

// An ordinary user meets the mode.
static void permissions(void) {
    int segment = shmget(IPC_PRIVATE, PAGE, 0600);
    int readable = shmget(IPC_PRIVATE, PAGE, 0604);
    int set = semget(IPC_PRIVATE, 1, 0604);
    int queue = msgget(IPC_PRIVATE, 0602);
    struct shmid_ds segment_status;
    struct msqid_ds queue_status;
    if (geteuid() == 0) {
        CHECK_EQUAL(syscall(SYS_setresgid, 1234, 1234, 0), 0);
        CHECK_EQUAL(syscall(SYS_setresuid, 1234, 1234, 0), 0);
        CHECK_FAILS((long)shmat(segment, NULL, 0), EACCES);
        CHECK_FAILS((long)shmat(readable, NULL, 0), EACCES);
        CHECK_FAILS((long)shmat(readable, NULL, SHM_RDONLY | SHM_EXEC), EACCES);
        void *at = shmat(readable, NULL, SHM_RDONLY);
        CHECK(at != (void *)-1);
        CHECK_EQUAL(shmdt(at), 0);
        CHECK_FAILS(shmctl(segment, IPC_STAT, &segment_status), EACCES);
        CHECK_EQUAL(shmctl(segment & 32767, SHM_STAT_ANY, &segment_status), segment);
        CHECK_FAILS(shmctl(segment & 32767, SHM_STAT, &segment_status), EACCES);
        CHECK_FAILS(shmctl(segment, IPC_SET, &segment_status), EPERM);
        CHECK_FAILS(shmctl(segment, IPC_RMID, NULL), EPERM);
        CHECK_FAILS(shmctl(segment, SHM_LOCK, NULL), EPERM);
        CHECK_EQUAL(value_of(set, 0), 0);
        CHECK_FAILS(semctl(set, 0, SETVAL, (union semun){ .val = 1 }), EACCES);
        CHECK_FAILS(operate(set, 0, 1, 0), EACCES);
        CHECK_EQUAL(operate(set, 0, 0, 0), 0);
        CHECK_FAILS(semctl(set, 0, IPC_RMID), EPERM);
        CHECK_EQUAL(send(queue, 1, "x", 0), 0);
        CHECK_TEXT(receive(queue, 0, IPC_NOWAIT), "EACCES");
        CHECK_FAILS(msgctl(queue, IPC_STAT, &queue_status), EACCES);
        CHECK_FAILS(msgctl(queue, IPC_RMID, NULL), EPERM);
        CHECK_EQUAL(syscall(SYS_setresuid, 0, 0, 0), 0);
        CHECK_EQUAL(syscall(SYS_setresgid, 0, 0, 0), 0);
    }
    CHECK_EQUAL(shmctl(segment, IPC_RMID, NULL), 0);
    CHECK_EQUAL(shmctl(readable, IPC_RMID, NULL), 0);
    CHECK_EQUAL(semctl(set, 0, IPC_RMID), 0);
    CHECK_EQUAL(msgctl(queue, IPC_RMID, NULL), 0);
}

MAIN(SECTION(segments), SECTION(segment_keys), SECTION(segment_places), SECTION(semaphores), SECTION(waiting), SECTION(undo),
    SECTION(messages), SECTION(exchanges), SECTION(permissions))
