// Threads, memory and a child of fork: for builds with -fsanitize=thread or address, whose shadows take most of the addresses.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int count;

static void *work(void *argument) {
    for (int i = 0; i < 1000; i++) {
        char *memory = malloc(100 + i);
        memset(memory, i, 100 + i);
        pthread_mutex_lock(&lock);
        count += memory[i % 100] == (char)i;
        pthread_mutex_unlock(&lock);
        free(memory);
    }
    return argument;
}

static void run(int threads) {
    pthread_t all[4];
    for (int i = 0; i < threads; i++)
        pthread_create(&all[i], NULL, work, NULL);
    for (int i = 0; i < threads; i++)
        pthread_join(all[i], NULL);
}

int main(void) {
    run(4);
    char *shared = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t child = fork();
    if (child == 0) {
        work(NULL);
        shared[5] = 7;
        _exit(count == 5000 ? 3 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    printf("%d, child %d, %d\n", count, WEXITSTATUS(status), shared[5]);
    return 0;
}
