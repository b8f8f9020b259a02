// What generated C is made of: the layout of objects, which Cloister.CoreLib shares, and operations that C# can't express.
#pragma once
#include <stdint.h>
#include <stddef.h>
#include "platform.h"

#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)

void *memcpy(void *, const void *, size_t);
void *memmove(void *, const void *, size_t);
void *memset(void *, int, size_t);
int memcmp(const void *, const void *, size_t);

typedef struct Type Type;
typedef struct { const Type *type; int32_t length; uint16_t chars[]; } String;
typedef struct { const Type *type; const Type *handle; } TypeObject;
typedef struct { int64_t value; const String *name; } EnumConstant;
typedef struct { int64_t count; const EnumConstant *constants; } EnumConstants;
typedef struct { int64_t offset; const Type *type; } FieldEntry;
typedef struct { int64_t count; const FieldEntry *entries; } FieldEntries;
typedef struct { int64_t size; const uint8_t *bytes; } FieldData;
// Vectors in memory lie where any number of 8 bytes may. A field's own attribute could only make that stricter, a type's can make it looser.
typedef uint64_t VectorOf16 __attribute__((vector_size(16), aligned(8), may_alias));
typedef uint64_t VectorOf32 __attribute__((vector_size(32), aligned(8), may_alias));

typedef struct { void *start; uint64_t size; } Root;
typedef struct { const char *name; const char *file; } MethodSymbol;

// Cloister.Runtime.TypeDescriptor is the same in C#.
struct Type {
    const Type *base;
    const Type *element;
    const Type *const *casts;
    uint32_t cast_count;
    uint32_t size;
    uint32_t flags;
    uint32_t value_size;    // of an array, its rank
    const uint32_t *references;
    uint32_t reference_count;
    uint32_t primitive;
    const String *name;
    const String *full_name;
    const EnumConstants *enumeration;
    const FieldEntries *fields;
    void *multicast;
    const TypeObject *object;
    void *dispatch[];
};

static inline char *cl_stack_pointer(void)
{
    char *value;
#if defined(__x86_64__)
    __asm__ volatile("mov %%rsp, %0" : "=r"(value));
#elif defined(__riscv)
    __asm__ volatile("mv %0, sp" : "=r"(value));
#elif defined(__aarch64__)
    __asm__ volatile("mov %0, sp" : "=r"(value));
#else
#error "How to read the stack pointer of this processor isn't known."
#endif
    return value;
}

// The stack is used up: reports it and ends the program.
void cl_stack_overflow(void) __attribute__((cold, noreturn));

#define TYPE_OF(object) (*(const Type **)(object))
#define ARRAY_LENGTH(array) (*(uint32_t *)((char *)(array) + 8))
#define DELEGATE_TARGET(delegate) (*(void **)((char *)(delegate) + 8))
#define DELEGATE_FUNCTION(delegate) (*(intptr_t *)((char *)(delegate) + 16))
#define DELEGATE_LIST(delegate) (*(void **)((char *)(delegate) + 24))

// The exception on its way up. Threads switch only where there is none.
extern void *cl_exception;

// Methods with catch clauses or filters are in a chain, innermost first, so that a throw finds who takes the exception before anything is
// unwound. Clauses are numbered from 1; 0 is none. Cloister.Runtime.Handlers is the same in C#.
typedef struct Handlers {
    struct Handlers *outer;
    int32_t (*search)(struct Handlers *, void *exception);
    int32_t clause;             // the innermost one around the place where the method is
} Handlers;
extern Handlers *cl_handlers;
static inline void cl_leave_handlers(void *handlers) { cl_handlers = ((Handlers *)handlers)->outer; }
int32_t cl_catches_all(Handlers *handlers, void *exception);

// The clause that takes the exception on its way.
typedef struct { Handlers *handlers; int32_t clause; } Taker;
extern Taker cl_taker;
void cl_throw(void *exception) __attribute__((cold));

// Whether a filter accepts. What it throws goes no further than this.
static inline int32_t cl_accepts(int32_t (*filter)(Handlers *, void *), Handlers *handlers, void *exception)
{
    Handlers border = { cl_handlers, cl_catches_all, 1 };
    cl_handlers = &border;
    int32_t accepts = filter(handlers, exception);
    cl_handlers = border.outer;
    return accepts;
}

static inline int32_t cl_Platform_get_ArgumentCount(void) { return cl_argument_count; }
static inline char *cl_Platform_GetArgument(int32_t index) { return cl_arguments[index]; }

static inline char *cl_Unwinding_get_Innermost(void) { return (char *)cl_handlers; }
static inline void cl_Unwinding_Take(char *handlers, int32_t clause) { cl_taker = (Taker){ (Handlers *)handlers, clause }; }

// What belongs to a thread and has to be known in C; Cloister.Runtime.ThreadContext is the same in C#.
typedef struct { char *stack_pointer, *stack_base, *stack_limit, *statics, *frames, *handlers, *bottom; } Context;

// Variables with the attribute ThreadStatic: those of the thread that runs, and the size of a thread's.
extern char *cl_thread_statics;
extern const int32_t cl_thread_statics_size;

// Options of the compiler for the program as a whole.
extern const int32_t cl_default_stack;
extern const int32_t cl_precise_roots;
extern const int32_t cl_collect_every;
extern const int64_t cl_heap_limit;

// With precise roots, a method lists its variables that may hold references, and the collector reads these lists in place of the stack.
typedef struct ShadowFrame { struct ShadowFrame *caller; uint64_t count; const Root *roots; } ShadowFrame;
extern ShadowFrame *cl_frames;
static inline void cl_leave_frame(ShadowFrame *frame) { cl_frames = frame->caller; }

// Rounds of loops that are left until other threads have their turn.
extern int32_t cl_rounds;
extern const Root cl_roots[];
extern const uint32_t cl_root_count;

// Zeroed memory for objects of a size class; allocation takes from its beginning. The collector fills runs and empties them.
typedef struct { char *next, *end; } AllocationRun;
extern AllocationRun cl_runs[];
static inline char *cl_Collector_get_Runs(void) { return (char *)cl_runs; }

// An object of at most 256 bytes; null where the run of its size class is used up.
static inline void *cl_new(const Type *type, uint32_t size)
{
    uint32_t index = (size + 15) / 16 - 1;
    char *memory = cl_runs[index].next;
    if (UNLIKELY(memory == cl_runs[index].end))
        return 0;
    cl_runs[index].next = memory + (index + 1) * 16;
    *(const Type **)memory = type;
    return memory;
}

// The object if it is of the type, otherwise null. Interfaces, arrays and delegates are listed in the object's type; classes are found by the chain.
static inline void *cl_isinst(void *object, const Type *target)
{
    if (!object)
        return 0;
    const Type *type = TYPE_OF(object);
    if (type == target)
        return object;
    for (uint32_t i = 0; i < type->cast_count; i++)
        if (type->casts[i] == target)
            return object;
    for (type = type->base; type; type = type->base)
        if (type == target)
            return object;
    return 0;
}

// The same for a class without derived classes, and for any other class.
static inline void *cl_isinst_exact(void *object, const Type *target)
{
    return object && TYPE_OF(object) == target ? object : 0;
}

static inline void *cl_isinst_class(void *object, const Type *target)
{
    if (object)
        for (const Type *type = TYPE_OF(object); type; type = type->base)
            if (type == target)
                return object;
    return 0;
}

static inline const Type *cl_underlying(const Type *type) { return type->flags & 8 ? type->element : type; }

static inline float cl_single(uint32_t bits) { float value; __builtin_memcpy(&value, &bits, 4); return value; }
static inline double cl_double(uint64_t bits) { double value; __builtin_memcpy(&value, &bits, 8); return value; }

// Conversions saturate and give zero for NaN, as .NET has done on every processor since version 9.
#define CL_CONVERT(name, type, low, high, min, max) \
    static inline type cl_to_##name(double value) { return value != value ? 0 : value <= low ? min : value >= high ? max : (type)value; } \
    static inline int cl_fits_##name(double value) { return value > low - (low < -9e18 ? 2048.0 : 1.0) && value < high; }
CL_CONVERT(i32, int32_t, -2147483648.0, 2147483648.0, INT32_MIN, INT32_MAX)
CL_CONVERT(u32, uint32_t, 0.0, 4294967296.0, 0, UINT32_MAX)
CL_CONVERT(i64, int64_t, -9223372036854775808.0, 9223372036854775808.0, INT64_MIN, INT64_MAX)
CL_CONVERT(u64, uint64_t, 0.0, 18446744073709551616.0, 0, UINT64_MAX)
#define CL_FITS(name, low, high) static inline int cl_fits_##name(double value) { return value > low && value < high; }
CL_FITS(i8, -129.0, 128.0)
CL_FITS(u8, -1.0, 256.0)
CL_FITS(i16, -32769.0, 32768.0)
CL_FITS(u16, -1.0, 65536.0)

double cl_fmod(double, double);
static inline float cl_fmodf(float a, float b) { return (float)cl_fmod(a, b); }

// Devices and instructions for which C has no operator.
static inline uint8_t cl_Processor_Read8(char *place) { return *(volatile uint8_t *)place; }
static inline uint32_t cl_Processor_Read32(char *place) { return *(volatile uint32_t *)place; }
static inline uint64_t cl_Processor_Read64(char *place) { return *(volatile uint64_t *)place; }
static inline void cl_Processor_Write8(char *place, uint8_t value) { *(volatile uint8_t *)place = value; }
static inline void cl_Processor_Write32(char *place, uint32_t value) { *(volatile uint32_t *)place = value; }
static inline void cl_Processor_Write64(char *place, uint64_t value) { *(volatile uint64_t *)place = value; }
#if defined(__x86_64__)
static inline uint8_t cl_Processor_In8(uint16_t port) { uint8_t value; __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port)); return value; }
static inline void cl_Processor_Out8(uint16_t port, uint8_t value) { __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port)); }
#elif defined(__riscv)
static inline uint64_t cl_Processor_ReadCounter(void) { uint64_t value; __asm__ volatile("rdtime %0" : "=r"(value)); return value; }
#elif defined(__aarch64__)
static inline uint64_t cl_Processor_ReadCounter(void) { uint64_t value; __asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(value)); return value; }
static inline uint64_t cl_Processor_ReadCounterFrequency(void) { uint64_t value; __asm__("mrs %0, cntfrq_el0" : "=r"(value)); return value; }
static inline uint64_t cl_Processor_Semihosting(uint32_t operation, char *argument)
{
    register uint64_t x0 __asm__("x0") = operation;
    register char *x1 __asm__("x1") = argument;
    __asm__ volatile("hlt #0xf000" : "+r"(x0) : "r"(x1) : "memory");
    return x0;
}
#endif
extern char cl_image_start[], cl_image_end[];
static inline char *cl_Image_GetStart(void) { return cl_image_start; }
static inline char *cl_Image_GetEnd(void) { return cl_image_end; }

// The collector's view of the stack and of static fields.
void cl_Collector_ScanStack(intptr_t callback);
void cl_Collector_ScanContext(char *context, intptr_t callback);
static inline char *cl_Collector_get_Roots(void) { return (char *)cl_roots; }
static inline int32_t cl_Collector_get_CollectEvery(void) { return cl_collect_every; }
static inline int64_t cl_Collector_get_HeapLimit(void) { return cl_heap_limit; }
static inline int32_t cl_Collector_get_RootCount(void) { return (int32_t)cl_root_count; }

// Threads.
void cl_Scheduler_Switch(char *from, char *to);
char *cl_Scheduler_Prepare(char *top, intptr_t function);
static inline int32_t cl_Scheduler_get_DefaultStack(void) { return cl_default_stack; }
static inline void cl_Scheduler_set_RoundsLeft(int32_t rounds) { cl_rounds = rounds; }
static inline char *cl_Scheduler_get_StackBase(void) { return cl_stack_base; }
static inline char *cl_Scheduler_get_StackLimit(void) { return cl_stack_limit; }
static inline char *cl_Scheduler_get_Statics(void) { return cl_thread_statics; }
static inline int32_t cl_Scheduler_get_StaticsSize(void) { return cl_thread_statics_size; }

// Methods of the core library.
static inline void *cl_Object_GetType(void *object) { return (void *)TYPE_OF(object)->object; }
static inline double cl_Math_Sqrt(double value) { return __builtin_sqrt(value); }
static inline float cl_MathF_Sqrt(float value) { return __builtin_sqrtf(value); }
static inline uint64_t cl_Math_MultiplyHigh(uint64_t a, uint64_t b) { return (uint64_t)((unsigned __int128)a * b >> 64); }
static inline int32_t cl_BitOperations_Leading(uint64_t value) { return value ? __builtin_clzll(value) : 64; }
static inline int32_t cl_BitOperations_Trailing(uint64_t value) { return value ? __builtin_ctzll(value) : 64; }
static inline int32_t cl_BitOperations_Ones(uint64_t value) { return __builtin_popcountll(value); }
static inline int32_t cl_Interlocked_Exchange32(char *place, int32_t value) { return __atomic_exchange_n((int32_t *)place, value, __ATOMIC_SEQ_CST); }
static inline int64_t cl_Interlocked_Exchange64(char *place, int64_t value) { return __atomic_exchange_n((int64_t *)place, value, __ATOMIC_SEQ_CST); }
static inline void *cl_Interlocked_ExchangeObject(char *place, void *value) { return __atomic_exchange_n((void **)place, value, __ATOMIC_SEQ_CST); }
static inline int32_t cl_Interlocked_Add32(char *place, int32_t value) { return __atomic_add_fetch((int32_t *)place, value, __ATOMIC_SEQ_CST); }
static inline int64_t cl_Interlocked_Add64(char *place, int64_t value) { return __atomic_add_fetch((int64_t *)place, value, __ATOMIC_SEQ_CST); }
static inline int32_t cl_Interlocked_Compare32(char *place, int32_t value, int32_t expected)
{ __atomic_compare_exchange_n((int32_t *)place, &expected, value, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); return expected; }
static inline int64_t cl_Interlocked_Compare64(char *place, int64_t value, int64_t expected)
{ __atomic_compare_exchange_n((int64_t *)place, &expected, value, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); return expected; }
static inline void *cl_Interlocked_CompareObject(char *place, void *value, void *expected)
{ __atomic_compare_exchange_n((void **)place, &expected, value, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); return expected; }
static inline void cl_Interlocked_MemoryBarrier(void) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
static inline void cl_Memory_Move(char *to, char *from, uint64_t count) { memmove(to, from, count); }
static inline void cl_Memory_Fill(char *to, uint8_t value, uint64_t count) { memset(to, value, count); }
static inline int32_t cl_Memory_Compare(char *a, char *b, uint64_t count) { return memcmp(a, b, count); }
int64_t cl_Memory_IndexOf8(char *place, uint8_t value, int64_t count);
int64_t cl_Memory_IndexOf16(char *place, uint16_t value, int64_t count);
int64_t cl_Memory_IndexOf32(char *place, uint32_t value, int64_t count);
