/* SPDX-License-Identifier: Apache-2.0 */
/* The host of both examples: prints, keeps a file, gives a challenge, and writes the enclave's report.   host ENCLAVE [CHALLENGE] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cloister_enclave.h"
#include "example_host.h"

static int print(void *state, const void *argument, size_t length, void *result, size_t *size)
{
    (void)state, (void)result;
    *size = 0;
    fwrite(argument, 1, length, stdout);
    fflush(stdout);
    return 0;
}

static int load(void *state, const void *argument, size_t length, void *result, size_t *size)
{
    FILE *file = fopen(state, "rb");
    (void)argument, (void)length;
    if (!file) {
        *size = 0;
        return 0;
    }
    *size = fread(result, 1, *size, file);
    fclose(file);
    return 0;
}

static int store(void *state, const void *argument, size_t length, void *result, size_t *size)
{
    FILE *file = fopen(state, "wb");
    (void)result;
    *size = 0;
    if (!file)
        return 1;
    size_t written = fwrite(argument, 1, length, file);
    return fclose(file) || written != length;
}

static int challenge(void *state, const void *argument, size_t length, void *result, size_t *size)
{
    (void)argument, (void)length;
    size_t count = strlen(state);
    *size = count < *size ? count : *size;
    memcpy(result, state, *size);
    return 0;
}

static int add(void *state, const void *argument, size_t length, void *result, size_t *size)
{
    struct example_host_add numbers;
    (void)state;
    if (length != sizeof numbers || *size < sizeof numbers.left)
        return 1;
    memcpy(&numbers, argument, sizeof numbers);
    numbers.left += numbers.right;
    memcpy(result, &numbers.left, sizeof numbers.left);
    *size = sizeof numbers.left;
    return 0;
}

int main(int count, char **arguments)
{
    uint64_t result = 0;
    if (count < 2)
        return 2;
    struct cloister_enclave *enclave = cloister_create(arguments[1], NULL, NULL, 2 << 20, 16384);
    if (!enclave) {
        perror("host: the enclave can't be made");
        return 1;
    }
    cloister_register(enclave, EXAMPLE_HOST_PRINT, print, NULL);
    cloister_register(enclave, EXAMPLE_HOST_LOAD, load, "sealed");
    cloister_register(enclave, EXAMPLE_HOST_STORE, store, "sealed");
    cloister_register(enclave, EXAMPLE_HOST_CHALLENGE, challenge, count > 2 ? arguments[2] : "");
    cloister_register(enclave, EXAMPLE_HOST_REPORT, store, "report");
    cloister_register(enclave, EXAMPLE_HOST_ADD, add, NULL);
    long error = cloister_run(enclave, &result);
    cloister_destroy(enclave);
    if (error) {
        fprintf(stderr, "host: the enclave can't run (%ld)\n", error);
        return 1;
    }
    return (int)result;
}
