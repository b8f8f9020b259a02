// What the C compiler expects from a C library, and the collector's access to registers.
#include "cloister.h"

void *cl_exception;
char *cl_stack_base;
char *cl_stack_limit;
int32_t cl_rounds;
int32_t cl_argument_count;
char **cl_arguments;
ShadowFrame *cl_frames;
Handlers *cl_handlers;
Taker cl_taker;

int32_t cl_catches_all(Handlers *handlers, void *exception)
{
    return 1;
}

void cl_report_stack_overflow(void);

void cl_stack_overflow(void)
{
    // The report runs on what is left below the limit.
    cl_stack_limit = 0;
    cl_report_stack_overflow();
    for (;;)
        ;
}

AllocationRun cl_runs[36];

// A piece that is moved at once, at any address; without such instructions the C compiler makes smaller ones of it.
typedef uint64_t Chunk __attribute__((vector_size(16)));
typedef uint64_t LooseChunk __attribute__((vector_size(16), aligned(1), may_alias));
typedef struct { uint64_t word; } __attribute__((packed, may_alias)) LooseWord;
#if defined(__AVX2__)
typedef long long Wide __attribute__((vector_size(32), aligned(1), may_alias));
#define WIDE(place) (*(Wide *)(place))
#endif

#if defined(__riscv) && !defined(__riscv_misaligned_fast)
// Loads of words at odd addresses may trap.
#define MAY_BE_LOOSE(bits) (((bits) & 7) == 0)
#else
#define MAY_BE_LOOSE(bits) 1
#endif
#define LOOSE(place) (*(LooseChunk *)(place))
#define WORD(place) (*(uint64_t *)(place))

// A macro, since a function that gives a vector needs vector registers.
#if defined(__riscv)
#define load(place) ((Chunk){ WORD(place), WORD((place) + 8) })
#else
#define load(place) LOOSE(place)
#endif

static inline void store(uint8_t *place, Chunk value)
{
#if defined(__riscv)
    WORD(place) = value[0];
    WORD(place + 8) = value[1];
#else
    LOOSE(place) = value;
#endif
}

static inline uint64_t load_word(const uint8_t *place)
{
#if defined(__riscv)
    return WORD(place);
#else
    return ((const LooseWord *)place)->word;
#endif
}

void *memcpy(void *to, const void *from, size_t count)
{
    return memmove(to, from, count);
}

void *memmove(void *to, const void *from, size_t count)
{
    uint8_t *target = to;
    const uint8_t *source = from;
    if (!MAY_BE_LOOSE((uintptr_t)target | (uintptr_t)source | count) || count < 4) {
        if ((uintptr_t)target - (uintptr_t)source >= count)
            for (size_t i = 0; i < count; i++)
                target[i] = source[i];
        else
            while (count--)
                target[count] = source[count];
        return to;
    }
#if !defined(__riscv)
    if (count < 8) {
        uint32_t first, last;
        __builtin_memcpy(&first, source, 4);
        __builtin_memcpy(&last, source + count - 4, 4);
        __builtin_memcpy(target, &first, 4);
        __builtin_memcpy(target + count - 4, &last, 4);
        return to;
    }
#endif
    if (count < 16) {
        uint64_t first = load_word(source), last = load_word(source + count - 8);
        ((LooseWord *)target)->word = first;
        ((LooseWord *)(target + count - 8))->word = last;
        return to;
    }
    // The last piece overlaps the others, and is read before they are written.
    if ((uintptr_t)target - (uintptr_t)source >= count) {
        Chunk last = load(source + count - 16);
        size_t i = 0;
#if defined(__AVX2__)
        for (; i + 64 < count; i += 64) {
            Wide one = WIDE(source + i), other = WIDE(source + i + 32);
            WIDE(target + i) = one;
            WIDE(target + i + 32) = other;
        }
#endif
        for (; i + 32 < count; i += 32) {
            Chunk one = load(source + i), other = load(source + i + 16);
            store(target + i, one);
            store(target + i + 16, other);
        }
        if (i + 16 < count)
            store(target + i, load(source + i));
        store(target + count - 16, last);
    } else {
        Chunk first = load(source);
        size_t i = count;
        for (; i > 32; i -= 32) {
            Chunk one = load(source + i - 16), other = load(source + i - 32);
            store(target + i - 16, one);
            store(target + i - 32, other);
        }
        if (i > 16)
            store(target + i - 16, load(source + i - 16));
        store(target, first);
    }
    return to;
}

void *memset(void *to, int value, size_t count)
{
    uint8_t *target = to;
    uint64_t word = (uint8_t)value * 0x0101010101010101ull;
    if (count < 16 || !MAY_BE_LOOSE((uintptr_t)target | count)) {
        for (; count && ((uintptr_t)target & 7); count--)
            *target++ = (uint8_t)value;
        for (; count >= 8; count -= 8, target += 8)
            WORD(target) = word;
        for (; count; count--)
            *target++ = (uint8_t)value;
        return to;
    }
    Chunk chunk = { word, word };
    size_t i = 0;
    for (; i + 64 < count; i += 64) {
        store(target + i, chunk);
        store(target + i + 16, chunk);
        store(target + i + 32, chunk);
        store(target + i + 48, chunk);
    }
    for (; i + 16 < count; i += 16)
        store(target + i, chunk);
    store(target + count - 16, chunk);
    return to;
}

int memcmp(const void *a, const void *b, size_t count)
{
    const uint8_t *one = a, *other = b;
    if (MAY_BE_LOOSE((uintptr_t)one | (uintptr_t)other)) {
#if defined(__AVX2__)
        for (; count >= 64; count -= 64, one += 64, other += 64) {
            Wide difference = (WIDE(one) ^ WIDE(other)) | (WIDE(one + 32) ^ WIDE(other + 32));
            if (!__builtin_ia32_ptestz256(difference, difference))
                break;
        }
#endif
        for (; count >= 32; count -= 32, one += 32, other += 32) {
            Chunk difference = (load(one) ^ load(other)) | (load(one + 16) ^ load(other + 16));
            if (difference[0] | difference[1])
                break;
        }
        for (; count >= 8 && load_word(one) == load_word(other); count -= 8)
            one += 8, other += 8;
    }
    for (; count; count--, one++, other++)
        if (*one != *other)
            return *one - *other;
    return 0;
}

// Where a value is first found, or -1: pieces of some vectors until one has it, then one value at a time.
#if defined(__SSE2__)
// With a bit for each byte of a vector, the place in it is known too. The last vector overlaps those before; in long blocks the second one
// overlaps the first, so that no vector lies in two cache lines.
#if defined(__AVX2__)
enum { SEARCHED = 32 };
#define BYTES(found) (uint32_t)__builtin_ia32_pmovmskb256((__attribute__((vector_size(32))) char)(found))
#else
enum { SEARCHED = 16 };
#define BYTES(found) (uint32_t)__builtin_ia32_pmovmskb128((__attribute__((vector_size(16))) char)(found))
#endif
#define BYTES_OF_HALF(found) (uint32_t)__builtin_ia32_pmovmskb128((__attribute__((vector_size(16))) char)(found))
#define SEARCH(bits) \
    typedef uint##bits##_t Items __attribute__((vector_size(SEARCHED), aligned(1), may_alias)); \
    typedef uint##bits##_t Half __attribute__((vector_size(16), aligned(1), may_alias)); \
    enum { STEP = 8 * SEARCHED / bits, HALF = 128 / bits }; \
    uint32_t found; \
    if (count >= STEP) { \
        Items wanted = value - (Items){}; \
        if (count >= 8 * STEP) { \
            if ((found = BYTES(*(const Items *)items == wanted)) != 0) \
                return __builtin_ctz(found) / (bits / 8); \
            i = STEP - ((uintptr_t)items & (SEARCHED - 1)) / (bits / 8); \
        } \
        for (; i + 4 * STEP <= count; i += 4 * STEP) { \
            const Items *next = (const Items *)&items[i]; \
            Items one = (Items)(next[0] == wanted), two = (Items)(next[1] == wanted); \
            Items three = (Items)(next[2] == wanted), four = (Items)(next[3] == wanted); \
            if (BYTES(one | two | three | four)) \
                break; \
        } \
        for (; i + STEP <= count; i += STEP) \
            if ((found = BYTES(*(const Items *)&items[i] == wanted)) != 0) \
                return i + __builtin_ctz(found) / (bits / 8); \
        i = count - STEP; \
        found = BYTES(*(const Items *)&items[i] == wanted); \
        return found ? i + __builtin_ctz(found) / (bits / 8) : -1; \
    } \
    if (count >= HALF) { \
        Half wanted = value - (Half){}; \
        if ((found = BYTES_OF_HALF(*(const Half *)items == wanted)) != 0) \
            return __builtin_ctz(found) / (bits / 8); \
        i = count - HALF; \
        found = BYTES_OF_HALF(*(const Half *)&items[i] == wanted); \
        return found ? i + __builtin_ctz(found) / (bits / 8) : -1; \
    }
#elif defined(__riscv) || defined(__x86_64__)
#define SEARCH(bits)
#else
#define SEARCH(bits) \
    typedef uint##bits##_t Items __attribute__((vector_size(16), aligned(1), may_alias)); \
    enum { STEP = 128 / bits }; \
    Items wanted = value - (Items){}; \
    for (; i + 4 * STEP <= count; i += 4 * STEP) { \
        const Items *next = (const Items *)&items[i]; \
        Chunk found = (Chunk)(next[0] == wanted) | (Chunk)(next[1] == wanted) | (Chunk)(next[2] == wanted) | (Chunk)(next[3] == wanted); \
        if (found[0] | found[1]) \
            break; \
    } \
    for (; i + STEP <= count; i += STEP) { \
        Chunk found = (Chunk)(*(const Items *)&items[i] == wanted); \
        if (found[0] | found[1]) \
            break; \
    }
#endif
#define INDEX_OF(bits) \
    int64_t cl_Memory_IndexOf##bits(char *place, uint##bits##_t value, int64_t count) \
    { \
        const uint##bits##_t *items = (const uint##bits##_t *)place; \
        int64_t i = 0; \
        SEARCH(bits) \
        for (; i < count; i++) \
            if (items[i] == value) \
                return i; \
        return -1; \
    }
INDEX_OF(8)
INDEX_OF(16)
INDEX_OF(32)

#if !defined(__x86_64__) || defined(__SSE2__)
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
#endif

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
    one->handlers = (char *)cl_handlers;
    cl_handlers = (Handlers *)other->handlers;
    cl_context_switch(&one->stack_pointer, other->stack_pointer);
}
