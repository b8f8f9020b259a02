/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Enclaves of a Linux host with /dev/keystone_enclave: make one of files, answer its calls, take its result. Nothing that an enclave
 * writes into shared memory is used before it has been copied and checked.
 */
#ifndef CLOISTER_ENCLAVE_H
#define CLOISTER_ENCLAVE_H

#include <stddef.h>
#include <stdint.h>

struct cloister_enclave;

/* A function of the host: the argument is a copy. It writes at most *size bytes of result, and says in *size how many; 0, or refuses. */
typedef int cloister_function(void *state, const void *argument, size_t length, void *result, size_t *size);

/* Loader, runtime and application: an enclave of Cloister.Sdk.Enclave is a loader alone, and the others are null. Null and errno on failure. */
struct cloister_enclave *cloister_create(const char *loader, const char *runtime, const char *application, size_t free_size, size_t shared_size);

/* Functions have numbers below 64. */
int cloister_register(struct cloister_enclave *enclave, unsigned int number, cloister_function *function, void *state);

/* Runs the enclave to its end; 0 with its result, or the monitor's error, or -1 and errno. */
long cloister_run(struct cloister_enclave *enclave, uint64_t *result);

void cloister_destroy(struct cloister_enclave *enclave);

#endif
