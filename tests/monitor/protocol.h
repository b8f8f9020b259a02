// What host and agent say to each other in the memory that they share.
#pragma once
#include <stdint.h>

enum { OP_CALL, OP_READ, OP_WRITE, OP_FETCH, OP_SPIN, OP_FILL_FLOATS, OP_SUM_FLOATS, OP_CSR, OP_COPY, OP_DEADLINE, OP_STATE, OP_BREAK_TRAPS, OP_FILL_VECTORS, OP_SUM_VECTORS, OP_WALK };

struct command {
    uint64_t op, a[6];
    // Of the agent: a0 and a1 of a call, or a value; the cause of a fault, or 0; registers at entry.
    uint64_t result, value, cause, entry[8], ticks;
};
