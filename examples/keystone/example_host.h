/* Made from IExampleHost; numbers are little-endian. */
#ifndef EXAMPLE_HOST_H
#define EXAMPLE_HOST_H

#include <stdint.h>

enum {
    EXAMPLE_HOST_PRINT = 1,
    EXAMPLE_HOST_LOAD = 2,
    EXAMPLE_HOST_STORE = 3,
    EXAMPLE_HOST_CHALLENGE = 4,
    EXAMPLE_HOST_REPORT = 5,
    EXAMPLE_HOST_ADD = 6,
};

/* Print: takes the bytes 'text'; gives nothing. */

/* Load: takes nothing; gives the bytes 'content'. */

/* Store: takes the bytes 'content'; gives nothing. */

/* Challenge: takes nothing; gives the bytes 'challenge'. */

/* Report: takes the bytes 'report'; gives nothing. */

/* Add: takes struct example_host_add; gives int64_t. */
struct example_host_add { int64_t left; int64_t right; };

#endif
