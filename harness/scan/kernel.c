/* The shapes of `shapes.py` and `number_shapes.py` in one pass; built where there is a compiler, equal by test.

   cc -O3 -shared -fPIC -DKERNEL_SOURCE=... kernel.c -o _kernel.so    (hatch_build.py; a digest of this file)

   One bit a byte, in words of 128: the 64 in the middle are decided, 32 to either side are looked at. `A(w, n)` is
   `ahead`, `B(w, n)` is `behind`. Which shape has which number is told by `Kernel` in `native.py`. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#if defined(__SSE2__)
#include <immintrin.h>
#endif

#if !defined(KERNEL_SOURCE)
#define KERNEL_SOURCE ""
#endif

const char *kernel_source(void) { return KERNEL_SOURCE; }

typedef unsigned __int128 W;
typedef uint64_t u64;

enum { DIGIT, LETTER, CAPITAL, HEXADECIMAL, ODD, HIGH, FOREIGN, BLANK, HYPHEN, DOT, SLASH, PLUS, COLON, BRACKET, ZERO,
       PRINTABLE, TWO_TO_SEVEN, FIRST, SECOND, LATE, CLASSES };

#if defined(__SSE2__)
/* Classes of 64 bytes, from vectors of `WIDTH` bytes: written once, for both widths that x86-64 has. */
#define EACH(value) do { u64 sum = 0; for (int n = 0; n < 64 / WIDTH; n++) { V v = part[n]; sum |= (u64)(value) << n * WIDTH; } \
                         last = sum; } while (0)
#define IS(c) BITS(EQUAL(v, SET(c)))
#define BETWEEN(v, low, count) EQUAL(LEAST(MINUS(v, SET(low)), SET((count) - 1)), MINUS(v, SET(low)))
#define LOWER(v) OR(v, SET(32))
#define CLASSES_OF_64(name)                                                                                            \
    static void name(const unsigned char *p, u64 *restrict out) {                                                      \
        V part[64 / WIDTH];                                                                                            \
        u64 last;                                                                                                      \
        for (int n = 0; n < 64 / WIDTH; n++) part[n] = LOAD(p + n * WIDTH);                                            \
        EACH(BITS(BETWEEN(v, 48, 10))); u64 digit = out[DIGIT] = last;                                                 \
        EACH(BITS(BETWEEN(LOWER(v), 97, 26))); u64 letter = out[LETTER] = last;                                        \
        EACH(BITS(UP(v, 2))); out[CAPITAL] = letter & ~last;                                                           \
        EACH(BITS(BETWEEN(LOWER(v), 97, 6))); out[HEXADECIMAL] = digit | last;                                         \
        EACH(BITS(UP(v, 7))); out[ODD] = last;                                                                         \
        EACH(BITS(UP(v, 6))); out[HIGH] = last;                                                                        \
        EACH(BITS(v)); out[FOREIGN] = last;                                                                            \
        EACH(IS(' ')); out[BLANK] = last;                                                                              \
        EACH(IS('-')); out[HYPHEN] = last;                                                                             \
        EACH(IS('.')); out[DOT] = last;                                                                                \
        EACH(IS('/')); out[SLASH] = last;                                                                              \
        EACH(IS('+')); out[PLUS] = last;                                                                               \
        EACH(IS(':')); out[COLON] = last;                                                                              \
        EACH(IS(')')); out[BRACKET] = last;                                                                            \
        EACH(IS(0)); out[ZERO] = last;                                                                                 \
        EACH(BITS(BETWEEN(v, 32, 95))); out[PRINTABLE] = last;                                                         \
        EACH(BITS(BETWEEN(v, 50, 6))); out[TWO_TO_SEVEN] = last;                                                       \
        EACH(BITS(OR(BETWEEN(v, 73, 18), BETWEEN(v, 97, 6)))); out[FIRST] = last;                                      \
        EACH(BITS(BETWEEN(AND(MINUS(v, SET(105)), SET(0xEF)), 0, 6)));                                                 \
        u64 other = last & (digit | letter | out[PLUS] | out[SLASH]);                                                  \
        EACH(BITS(OR(BETWEEN(AND(MINUS(v, SET(67)), SET(0xEF)), 0, 6), BETWEEN(v, 48, 4)))); out[SECOND] = last | other; \
        EACH(BITS(BETWEEN(v, 103, 20))); out[LATE] = last;                                                             \
    }

#define WIDTH 16
#define V __m128i
#define LOAD(p) _mm_loadu_si128((const V *)(p))
#define SET(c) _mm_set1_epi8((char)(c))
#define EQUAL _mm_cmpeq_epi8
#define LEAST _mm_min_epu8
#define MINUS _mm_sub_epi8
#define OR _mm_or_si128
#define AND _mm_and_si128
#define UP(v, n) _mm_slli_epi16(v, n)
#define BITS(v) ((uint16_t)_mm_movemask_epi8(v))
CLASSES_OF_64(classes_16)
#undef WIDTH
#undef V
#undef LOAD
#undef SET
#undef EQUAL
#undef LEAST
#undef MINUS
#undef OR
#undef AND
#undef UP
#undef BITS
#define WIDTH 32
#define V __m256i
#define LOAD(p) _mm256_loadu_si256((const V *)(p))
#define SET(c) _mm256_set1_epi8((char)(c))
#define EQUAL _mm256_cmpeq_epi8
#define LEAST _mm256_min_epu8
#define MINUS _mm256_sub_epi8
#define OR _mm256_or_si256
#define AND _mm256_and_si256
#define UP(v, n) _mm256_slli_epi16(v, n)
#define BITS(v) ((uint32_t)_mm256_movemask_epi8(v))
__attribute__((target("avx2")))
CLASSES_OF_64(classes_32)

typedef void (*Classes)(const unsigned char *, u64 *restrict);
#if defined(ONLY_SSE2)
static Classes chosen(void) { return classes_16; }
#else
static Classes chosen(void) { return __builtin_cpu_supports("avx2") ? classes_32 : classes_16; }
#endif
#else
#define IN(c, low, count) ((unsigned char)((c) - (low)) < (count))
static void classes_1(const unsigned char *p, u64 *restrict out) {
    memset(out, 0, CLASSES * sizeof *out);
    for (int n = 0; n < 64; n++) {
        unsigned char c = p[n], lower = c | 32;
        u64 digit = IN(c, 48, 10), letter = IN(lower, 97, 26), body = digit | letter | (c == '+') | (c == '/');
        out[DIGIT] |= digit << n;
        out[LETTER] |= letter << n;
        out[CAPITAL] |= (letter & !(c & 32)) << n;
        out[HEXADECIMAL] |= (digit | IN(lower, 97, 6)) << n;
        out[ODD] |= (u64)(c & 1) << n;
        out[HIGH] |= (u64)(c >> 1 & 1) << n;
        out[FOREIGN] |= (u64)(c >> 7) << n;
        out[BLANK] |= (u64)(c == ' ') << n;
        out[HYPHEN] |= (u64)(c == '-') << n;
        out[DOT] |= (u64)(c == '.') << n;
        out[SLASH] |= (u64)(c == '/') << n;
        out[PLUS] |= (u64)(c == '+') << n;
        out[COLON] |= (u64)(c == ':') << n;
        out[BRACKET] |= (u64)(c == ')') << n;
        out[ZERO] |= (u64)(c == 0) << n;
        out[PRINTABLE] |= (u64)IN(c, 32, 95) << n;
        out[TWO_TO_SEVEN] |= (u64)IN(c, 50, 6) << n;
        out[FIRST] |= (u64)(IN(c, 73, 18) || IN(c, 97, 6)) << n;
        out[SECOND] |= (u64)(((unsigned char)(c - 67) & 0xEF) < 6 || (((unsigned char)(c - 105) & 0xEF) < 6 && body)
                             || IN(c, 48, 4)) << n;
        out[LATE] |= (u64)IN(c, 103, 20) << n;
    }
}

typedef void (*Classes)(const unsigned char *, u64 *restrict);
static Classes chosen(void) { return classes_1; }
#endif

#define A(w, n) ((w) >> (n))
#define B(w, n) ((w) << (n))

static inline W colons_before(W colons, const W groups[4], W following) {
    W out = 0;
    for (int size = 1; size <= 4; size++) out |= colons & A(groups[size - 1], 1) & A(following, size + 1);
    return out;
}

enum { DIGITS_14, GROUPED_4, SEPARATED, IPV4, COLONS, DATE, IBAN, TITLE_PAIR, TOUCHING, TOUCHING_WIDE, BASE64, HEX,
       WIDE, SHAPES };

static void numbers(const W m[CLASSES], unsigned wanted, W out[SHAPES]) {
    W digits = m[DIGIT], two = digits & A(digits, 1), three = two & A(digits, 2), four = two & A(two, 2);
    W blanks = m[BLANK], hyphens = m[HYPHEN], dots = m[DOT];
    out[DIGITS_14] = four & A(four, 4) & A(four, 8) & A(two, 12) & ~B(digits, 1);
    W group = (blanks | hyphens) & A(four, 1);
    out[GROUPED_4] = four & A(group, 4) & (A(group, 9) | (A(two, 9) & A(group, 11)));
    W joint = blanks | hyphens | dots, tail = joint & A(four, 1), seven = A(three, 4) & A(tail, 7);
    W separated = A(joint, 3) & ((A(two, 4) & A(tail, 6)) | seven);
    W bracketed = A(m[BRACKET], 3) & (seven | (A(blanks, 4) & A(three, 5) & A(tail, 8)));
    out[SEPARATED] = three & (separated | bracketed);
    if (wanted & 1u << IPV4) {
        W last = dots & A(digits, 1);
        for (int n = 0; n < 2; n++)
            last = dots & ((A(digits, 1) & A(last, 2)) | (A(two, 1) & A(last, 3)) | (A(three, 1) & A(last, 4)));
        out[IPV4] = ((digits & A(last, 1)) | (two & A(last, 2)) | (three & A(last, 3))) & ~B(digits, 1);
    }
    if (wanted & 1u << DATE) {
        W bars = hyphens | m[SLASH] | dots, year = bars & A(four, 1);
        W first = four & A(bars, 4) & A(two, 5) & A(bars, 7) & A(two, 8);
        W middle = bars & ((A(digits, 1) & A(year, 2)) | (A(two, 1) & A(year, 3)));
        out[DATE] = first | (digits & A(middle, 1));
    }
    if (wanted & 1u << IBAN) {
        W body = m[CAPITAL] | digits, pair = body & A(body, 1), fours = pair & A(pair, 2);
        W row = fours & A(fours, 4) & A(fours, 7), behind = blanks & A(fours, 1);
        out[IBAN] = m[CAPITAL] & A(m[CAPITAL], 1) & A(two, 2) & (A(row, 4) | (A(behind, 4) & A(behind, 9)));
    }
}

static W colons(const W m[CLASSES]) {
    W hex = m[HEXADECIMAL], pair = hex & A(hex, 1), hyphen = m[HYPHEN] & A(pair, 1), run = hyphen & A(hyphen, 3);
    W found = pair & A(run & A(run, 6) & A(hyphen, 12), 2), colon = m[COLON];
    if (!colon) return found;
    const W groups[4] = {hex, pair, pair & A(hex, 2), pair & A(pair, 2)};
    W twice = colon & A(colon, 1), third = colon & A(hex | colon, 1);
    W second = twice | colons_before(colon, groups, third);
    W first = (twice & B(groups[3], 4)) | colons_before(colon, groups, second);
    W inner = hex & B(colon, 1);
    for (int n = 0; n < 3; n++) inner |= hex & B(inner, 1);
    return found | (hex & A(first, 1) & ~inner);
}

static W title_pair(const W m[CLASSES]) {
    W initial = m[CAPITAL] | m[FOREIGN], small = (m[LETTER] & ~m[CAPITAL]) | m[FOREIGN];
    W blank = m[BLANK] & A(initial, 1) & A(small, 2) & B(small, 1);
    if (!blank) return 0;
    W word = initial & A(small, 1);
    for (int step = 1; step < 16; step *= 2) {
        word |= B(word, step) & small;
        small &= B(small, step);
    }
    return blank & B(word, 1);
}

static void encoded(const W m[CLASSES], W out[SHAPES]) {
    W letters = m[LETTER], digits = m[DIGIT], odd = m[ODD], high = m[HIGH];
    W body = letters | digits | m[PLUS] | m[SLASH], signs = m[PLUS] | m[SLASH];
    W third = (letters & ~(m[CAPITAL] ^ odd ^ high)) | (digits & ~high);
    W zero = (letters & odd) | (digits & ~odd);
    W tail = third & ((zero & A(m[LATE] | digits | signs, 1)) | (~zero & A(body, 1)));
    W text = m[FIRST] & A(m[SECOND], 1) & A(tail, 2);
    out[TOUCHING] = text & A(text, 4) & A(text, 8) & ~B(text, 4);
    W maybe = letters & odd & ~high, wide = maybe & A(maybe, 3);
    out[TOUCHING_WIDE] = wide & A(wide, 8);
    W run = body & A(body, 1);
    run &= A(run, 2);
    run &= A(run, 4);
    run &= A(run, 4);
    out[BASE64] = run & A(run, 12) & ~B(body, 1);
    W pair = m[TWO_TO_SEVEN] & A(m[HEXADECIMAL], 1), nil = digits & ~odd & ~high;
    W spread = pair & A(nil, 2) & A(nil, 3), row = pair & A(pair, 2);
    row &= A(row, 4);
    row &= A(row, 8);
    spread &= A(spread, 4);
    spread &= A(spread, 8);
    out[HEX] = (row & ~B(pair, 2)) | spread;
    W two = m[PRINTABLE] & A(m[ZERO], 1), more = two & A(two, 2);
    more &= A(more, 4);
    out[WIDE] = more & A(two, 8) & ~B(two, 2);
}

/* Positions of one shape; grown as they come. */
typedef struct { int64_t *at; size_t count, room; } Places;

static int note(Places *places, int64_t at) {
    if (places->count == places->room) {
        size_t room = places->room ? places->room * 2 : 256;
        int64_t *grown = realloc(places->at, room * sizeof *grown);
        if (!grown) return 0;
        places->at = grown;
        places->room = room;
    }
    places->at[places->count++] = at;
    return 1;
}

void kernel_release(Places *places) {
    for (int shape = 0; shape < SHAPES; shape++) free(places[shape].at);
}

/* Returns 1, or 0 where there is no memory; either way the places are to be released. */
int kernel_find(const unsigned char *data, size_t length, unsigned wanted, Places *places) {
    u64 before[CLASSES] = {0}, here[CLASSES], after[CLASSES];
    unsigned char last[64];
    Classes classes = chosen();
    memset(places, 0, SHAPES * sizeof *places);
    for (size_t start = 0; start < length + 64; start += 64) { /* one ahead of what is decided */
        size_t left = start < length ? length - start : 0;
        if (left >= 64) {
            classes(data + start, after);
        } else if (left) { /* what is behind the end is in no class */
            memset(last, 0, sizeof last);
            memcpy(last, data + start, left);
            classes(last, after);
            for (int n = 0; n < CLASSES; n++) after[n] &= ((u64)1 << left) - 1;
        } else {
            memset(after, 0, sizeof after);
        }
        if (start) {
            W m[CLASSES], out[SHAPES] = {0};
            for (int n = 0; n < CLASSES; n++)
                m[n] = (W)(before[n] >> 32) | (W)here[n] << 32 | (W)(after[n] & 0xFFFFFFFF) << 96;
            if (m[DIGIT]) numbers(m, wanted, out);
            if (wanted & 1u << COLONS) out[COLONS] = colons(m);
            if (wanted & 1u << TITLE_PAIR) out[TITLE_PAIR] = title_pair(m);
            if (wanted >> TOUCHING) encoded(m, out);
            for (int shape = 0; shape < SHAPES; shape++) {
                u64 bits = (u64)(out[shape] >> 32);
                if (!bits || !(wanted >> shape & 1)) continue;
                for (; bits; bits &= bits - 1)
                    if (!note(&places[shape], (int64_t)(start - 64) + __builtin_ctzll(bits))) return 0;
            }
            memcpy(before, here, sizeof before);
        }
        memcpy(here, after, sizeof here);
    }
    return 1;
}
