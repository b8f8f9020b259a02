/* SPDX-License-Identifier: Apache-2.0 */
#include "cloister_enclave.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "keystone_abi.h"

enum { PAGE = 4096, FUNCTIONS = 64, HEADER = 48, STATUS_OK = 0, STATUS_BAD_NUMBER = 1, STATUS_BAD_OFFSET = 2, STATUS_ERROR = 4 };

/* The first bytes of shared memory: Keystone's edge_call. */
struct edge_call {
	uint64_t number, offset, size, status, result_offset, result_size;
};

struct cloister_enclave {
	int file;
	struct keystone_create create;
	unsigned char *shared;
	size_t shared_size;
	struct { cloister_function *function; void *state; } functions[FUNCTIONS];
};

struct part {
	void *bytes;
	size_t size, pages;
};

static int read_part(const char *path, struct part *part)
{
	struct stat status;
	int file;
	ssize_t got = 0;

	part->pages = 1;
	part->bytes = NULL;
	part->size = 0;
	if (!path)
		return 0;
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return -1;
	if (fstat(file, &status) == 0 && (part->bytes = malloc((size_t)status.st_size + 1))) {
		while (part->size < (size_t)status.st_size &&
		       (got = read(file, (char *)part->bytes + part->size, (size_t)status.st_size - part->size)) > 0)
			part->size += (size_t)got;
		part->pages = part->size ? (part->size + PAGE - 1) / PAGE : 1;
	}
	close(file);
	return part->bytes && got >= 0 ? 0 : -1;
}

/* Pages one after the other, as the stock driver wants them. */
static int load(struct cloister_enclave *enclave, const struct part *part, size_t first)
{
	size_t done;

	for (done = 0; done < part->size; done += PAGE) {
		void *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, enclave->file, (off_t)(first * PAGE + done));

		if (page == MAP_FAILED)
			return -1;
		memcpy(page, (char *)part->bytes + done, part->size - done < PAGE ? part->size - done : PAGE);
		munmap(page, PAGE);
	}
	return 0;
}

struct cloister_enclave *cloister_create(const char *loader, const char *runtime, const char *application, size_t free_size, size_t shared_size)
{
	struct cloister_enclave *enclave = calloc(1, sizeof(*enclave));
	struct part parts[3] = { 0 };
	void *shared;
	int i, error;

	if (!enclave)
		return NULL;
	enclave->file = open("/dev/keystone_enclave", O_RDWR | O_CLOEXEC);
	if (enclave->file < 0 || read_part(loader, &parts[0]) || read_part(runtime, &parts[1]) || read_part(application, &parts[2]))
		goto failed;
	enclave->create.min_pages = parts[0].pages + parts[1].pages + parts[2].pages + (free_size + PAGE - 1) / PAGE;
	if (ioctl(enclave->file, KEYSTONE_IOC_CREATE, &enclave->create))
		goto failed;
	enclave->shared_size = enclave->create.utm_size = (shared_size + PAGE - 1) / PAGE * PAGE;
	if (ioctl(enclave->file, KEYSTONE_IOC_UTM_INIT, &enclave->create) || load(enclave, &parts[0], 0) ||
	    load(enclave, &parts[1], parts[0].pages) || load(enclave, &parts[2], parts[0].pages + parts[1].pages))
		goto failed;
	enclave->create.runtime_paddr = enclave->create.epm_paddr + parts[0].pages * PAGE;
	enclave->create.user_paddr = enclave->create.runtime_paddr + parts[1].pages * PAGE;
	enclave->create.free_paddr = enclave->create.user_paddr + parts[2].pages * PAGE;
	if (ioctl(enclave->file, KEYSTONE_IOC_FINALIZE, &enclave->create))
		goto failed;
	shared = mmap(NULL, enclave->shared_size, PROT_READ | PROT_WRITE, MAP_SHARED, enclave->file, 0);
	if (shared == MAP_FAILED)
		goto failed;
	enclave->shared = shared;
	for (i = 0; i < 3; i++)
		free(parts[i].bytes);
	return enclave;

failed:
	error = errno;
	for (i = 0; i < 3; i++)
		free(parts[i].bytes);
	cloister_destroy(enclave);
	errno = error;
	return NULL;
}

int cloister_register(struct cloister_enclave *enclave, unsigned int number, cloister_function *function, void *state)
{
	if (number >= FUNCTIONS) {
		errno = EINVAL;
		return -1;
	}
	enclave->functions[number].function = function;
	enclave->functions[number].state = state;
	return 0;
}

static uint64_t answer(struct cloister_enclave *enclave, const struct edge_call *call, uint64_t *result_size)
{
	size_t room = enclave->shared_size - HEADER;
	void *argument, *result;
	int refused;

	*result_size = 0;
	if (call->number >= FUNCTIONS || !enclave->functions[call->number].function)
		return STATUS_BAD_NUMBER;
	if (call->offset > enclave->shared_size || call->size > enclave->shared_size - call->offset)
		return STATUS_BAD_OFFSET;
	argument = malloc(call->size + 1);
	result = calloc(1, room);
	if (!argument || !result) {
		free(argument);
		free(result);
		return STATUS_ERROR;
	}
	memcpy(argument, enclave->shared + call->offset, call->size);
	refused = enclave->functions[call->number].function(enclave->functions[call->number].state, argument, call->size, result, &room);
	if (!refused) {
		if (room > enclave->shared_size - HEADER)
			room = enclave->shared_size - HEADER;
		memcpy(enclave->shared + HEADER, result, room);
		*result_size = room;
	}
	free(argument);
	free(result);
	return refused ? STATUS_ERROR : STATUS_OK;
}

long cloister_run(struct cloister_enclave *enclave, uint64_t *result)
{
	struct keystone_run run = { .eid = enclave->create.eid };
	unsigned long request = KEYSTONE_IOC_RUN;

	for (;;) {
		if (ioctl(enclave->file, request, &run))
			return -1;
		request = KEYSTONE_IOC_RESUME;
		if (run.error == KEYSTONE_EDGE_CALL) {
			struct edge_call call;

			memcpy(&call, enclave->shared, sizeof(call));
			call.status = answer(enclave, &call, &call.result_size);
			call.result_offset = HEADER;
			memcpy(enclave->shared, &call, sizeof(call));
		} else if (run.error != KEYSTONE_INTERRUPTED)
			break;
	}
	*result = run.value;
	return (long)run.error;
}

void cloister_destroy(struct cloister_enclave *enclave)
{
	if (enclave->shared)
		munmap(enclave->shared, enclave->shared_size);
	if (enclave->file >= 0)
		close(enclave->file);
	free(enclave);
}
