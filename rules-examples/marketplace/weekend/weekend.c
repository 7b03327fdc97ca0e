/* A payout rule in C: 2.50 on top of whatever else is paid, for sales on a Saturday or a Sunday.
 *
 * It shows all that a language needs to make a rule: it can put bytes where the world between host and rule
 * (wit/rules/rules.wit) says they are. Nothing is generated and nothing is linked. The facts lie in memory as the
 * component model lays out the record `facts`; this rule reads its first fields and leaves the rest.
 *
 *   clang --target=wasm32 -O2 -nostdlib -Wl,--no-entry -Wl,-z,stack-size=16384 -Wl,--initial-memory=131072 \
 *         -o weekend.module.wasm weekend.c
 *   accrue component weekend.module.wasm -o ../components/weekend.wasm
 */
#include <stddef.h>
#include <stdint.h>

/* The beginning of the record `facts`, which begins with the record `action`. */
struct facts {
    const char *id;
    uint32_t id_length;
    const char *event_type;
    uint32_t event_type_length;
    struct {
        int64_t seconds;
        uint32_t nanoseconds;
        int32_t offset;
    } occurred_at;
};

/* The variant `verb`: its case, and the decimal that most of its cases hold. */
struct verb {
    uint8_t tag;
    struct {
        uint64_t low;
        int64_t high;
        uint8_t scale;
    } decimal;
};
enum { VERB_ADD = 3 };

/* `result<list<verb>, string>`: 0 for an answer, and the list. */
struct answer {
    uint8_t is_error;
    const struct verb *verbs;
    uint32_t count;
};

/* Memory for what the host hands over. There is one evaluation in the life of this memory, so nothing is given back. */
extern unsigned char __heap_base;
static unsigned char *next = &__heap_base;

__attribute__((export_name("cabi_realloc"))) void *
cabi_realloc(const void *old, size_t old_size, size_t align, size_t new_size) {
    unsigned char *start = (unsigned char *)(((uintptr_t)next + align - 1) & ~(uintptr_t)(align - 1));
    next = start + new_size;
    size_t pages = ((uintptr_t)next + 65535) / 65536;
    size_t have = __builtin_wasm_memory_size(0);
    if (pages > have && __builtin_wasm_memory_grow(0, pages - have) == (size_t)-1)
        __builtin_trap();
    for (size_t n = 0; n < old_size; n++)
        start[n] = ((const unsigned char *)old)[n];
    return start;
}

/* 1970-01-01 was a Thursday. */
static int is_weekend(const struct facts *facts) {
    const int64_t day_seconds = 86400;
    int64_t local = facts->occurred_at.seconds + facts->occurred_at.offset;
    int64_t day = local / day_seconds - (local % day_seconds < 0);
    int64_t weekday = ((day + 3) % 7 + 7) % 7; /* 0 for Monday */
    return weekday >= 5;
}

__attribute__((export_name("accrue:rules/payout@0.2.0#pay"))) const struct answer *
pay(const struct facts *facts) {
    static const struct verb bonus = {.tag = VERB_ADD, .decimal = {.low = 250, .high = 0, .scale = 2}};
    static struct answer answer;
    answer.is_error = 0;
    answer.verbs = &bonus;
    answer.count = is_weekend(facts) ? 1 : 0;
    return &answer;
}
