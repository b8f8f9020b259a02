// What the C compiler expects from a C library, and the collector's access to registers.
#include "cloister.h"

void *cl_exception;
char *cl_stack_base;
char *cl_stack_limit;
int32_t cl_rounds;
ShadowFrame *cl_frames;

void cl_report_stack_overflow(void);

void cl_stack_overflow(void)
{
    // The report runs on what is left below the limit.
    cl_stack_limit = 0;
    cl_report_stack_overflow();
    for (;;)
        ;
}

void *memcpy(void *to, const void *from, size_t count)
{
    return memmove(to, from, count);
}

void *memmove(void *to, const void *from, size_t count)
{
    uint8_t *target = to;
    const uint8_t *source = from;
    if (target == source || count == 0)
        return to;
    int by_words = (((uintptr_t)target | (uintptr_t)source) & 7) == 0;
    if ((uintptr_t)target - (uintptr_t)source >= count) {
        if (by_words)
            for (; count >= 8; count -= 8, target += 8, source += 8)
                *(uint64_t *)target = *(const uint64_t *)source;
        for (; count; count--)
            *target++ = *source++;
    } else {
        target += count;
        source += count;
        if (by_words && (count & 7) == 0)
            for (; count; count -= 8) {
                target -= 8;
                source -= 8;
                *(uint64_t *)target = *(const uint64_t *)source;
            }
        for (; count; count--)
            *--target = *--source;
    }
    return to;
}

void *memset(void *to, int value, size_t count)
{
    uint8_t *target = to;
    uint64_t word = (uint8_t)value * 0x0101010101010101ull;
    for (; count && ((uintptr_t)target & 7); count--)
        *target++ = (uint8_t)value;
    for (; count >= 8; count -= 8, target += 8)
        *(uint64_t *)target = word;
    for (; count; count--)
        *target++ = (uint8_t)value;
    return to;
}

int memcmp(const void *a, const void *b, size_t count)
{
    const uint8_t *one = a, *other = b;
    for (; count; count--, one++, other++)
        if (*one != *other)
            return *one - *other;
    return 0;
}

// Exact: both operands are integers times a power of two, so the remainder comes by long division.
double cl_fmod(double a, double b)
{
    uint64_t x, y;
    __builtin_memcpy(&x, &a, 8);
    __builtin_memcpy(&y, &b, 8);
    uint64_t sign = x >> 63 << 63;
    int ex = x >> 52 & 0x7ff, ey = y >> 52 & 0x7ff;
    if (y << 1 == 0 || b != b || ex == 0x7ff)
        return (a * b) / (a * b);
    if (x << 1 <= y << 1)
        return x << 1 == y << 1 ? 0 * a : a;
    x &= 0xfffffffffffffull;
    y &= 0xfffffffffffffull;
    if (ex) x |= 1ull << 52; else ex = 1;
    if (ey) y |= 1ull << 52; else ey = 1;
    for (; y < 1ull << 52; ey--)
        y <<= 1;
    for (; x < 1ull << 52; ex--)
        x <<= 1;
    for (; ex > ey; ex--) {
        if (x >= y)
            x -= y;
        x <<= 1;
    }
    if (x >= y)
        x -= y;
    if (x == 0)
        return 0 * a;
    for (; x < 1ull << 52; ex--)
        x <<= 1;
    x = (ex > 0 ? (x & 0xfffffffffffffull) | (uint64_t)ex << 52 : x >> (1 - ex)) | sign;
    __builtin_memcpy(&a, &x, 8);
    return a;
}

static void scan_frames(const ShadowFrame *frame, void (*callback)(char *, char *))
{
    for (; frame; frame = frame->caller)
        for (uint64_t i = 0; i < frame->count; i++)
            callback(frame->roots[i].start, (char *)frame->roots[i].start + frame->roots[i].size);
}

// Registers that survive calls are in this frame, and everything above it is scanned.
__attribute__((noinline)) void cl_Collector_ScanStack(intptr_t callback)
{
    if (cl_precise_roots) {
        scan_frames(cl_frames, (void (*)(char *, char *))callback);
        return;
    }
    __builtin_unwind_init();
    ((void (*)(char *, char *))callback)(cl_stack_pointer(), cl_stack_base);
    __asm__ volatile("" ::: "memory");
}

// A thread that doesn't run has saved its registers on its stack.
void cl_Collector_ScanContext(char *context, intptr_t callback)
{
    Context *thread = (Context *)context;
    if (cl_precise_roots) {
        scan_frames((ShadowFrame *)thread->frames, (void (*)(char *, char *))callback);
        // Its statics lie between its context and the end of its stack; those of the first thread are roots anyway.
        if (thread->bottom)
            ((void (*)(char *, char *))callback)(thread->statics, thread->stack_base);
        return;
    }
    ((void (*)(char *, char *))callback)(thread->stack_pointer, thread->stack_base);
}

void cl_context_switch(char **save, char *load);

void cl_Scheduler_Switch(char *from, char *to)
{
    Context *one = (Context *)from, *other = (Context *)to;
    cl_stack_base = other->stack_base;
    cl_stack_limit = other->stack_limit;
    cl_thread_statics = other->statics;
    one->frames = (char *)cl_frames;
    cl_frames = (ShadowFrame *)other->frames;
    cl_context_switch(&one->stack_pointer, other->stack_pointer);
}
