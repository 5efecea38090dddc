/* The loop of a usage event by hand: the varint of shared/reference/limit.c, and no check of anything. */
#include "loop.h"
#include <string.h>

static inline long long number(const unsigned char **at) {
    unsigned long long value = 0;
    int shift = 0;
    unsigned char byte;
    do {
        byte = *(*at)++;
        value |= (unsigned long long)(byte & 0x7f) << shift;
        shift += 7;
    } while (byte & 0x80);
    return (long long)(value >> 1) ^ -(long long)(value & 1);
}

static inline void skip(const unsigned char **at) {
    long long length = number(at);
    *at += length;
}

static inline struct text text(const unsigned char **at) {
    struct text text;
    text.length = number(at);
    text.start = *at;
    *at += text.length;
    return text;
}

static inline struct text optional(const unsigned char **at) {
    struct text none = {0, 0};
    return number(at) ? text(at) : none;
}

/* The entry "region" of a map of text. */
static inline struct text region(const unsigned char **at) {
    struct text found = {0, 0};
    long long count;
    while ((count = number(at))) {
        if (count < 0) {
            count = -count;
            number(at);
        }
        for (; count > 0; count--) {
            struct text key = text(at), value = text(at);
            if (key.length == 6 && memcmp(key.start, "region", 6) == 0) found = value;
        }
    }
    return found;
}

long long loop_w1_all(const unsigned char *data, const unsigned *starts, size_t count, struct event *out) {
    long long sum = 0;
    for (size_t i = 0; i < count; i++) {
        const unsigned char *at = data + starts[i];
        out->id = text(&at);
        out->key = text(&at);
        out->org = text(&at);
        out->meter = (int)number(&at);
        out->quantity = number(&at);
        out->at = number(&at);
        out->project = optional(&at);
        out->region = region(&at);
        sum += out->id.length + out->key.length + out->org.length + out->meter + out->quantity + out->at
            + out->project.length + out->region.length;
    }
    return sum;
}

long long loop_w1_five(const unsigned char *data, const unsigned *starts, size_t count, struct event *out) {
    long long sum = 0;
    for (size_t i = 0; i < count; i++) {
        const unsigned char *at = data + starts[i];
        skip(&at);
        out->key = text(&at);
        out->org = text(&at);
        out->meter = (int)number(&at);
        out->quantity = number(&at);
        out->at = number(&at);
        sum += out->key.length + out->org.length + out->meter + out->quantity + out->at;
    }
    return sum;
}

long long loop_storage_all(const unsigned char *data, const unsigned *starts, size_t count, struct event *out) {
    long long sum = 0;
    for (size_t i = 0; i < count; i++) {
        const unsigned char *at = data + starts[i];
        out->id = text(&at);
        out->key = text(&at);
        out->org = text(&at);
        out->at = number(&at);
        out->quantity = number(&at);
        out->project = optional(&at);
        out->region = text(&at);
        struct text team = region(&at);
        sum += out->id.length + out->key.length + out->org.length + out->at + out->quantity + out->project.length
            + out->region.length + team.length;
    }
    return sum;
}

long long loop_storage_five(const unsigned char *data, const unsigned *starts, size_t count, struct event *out) {
    long long sum = 0;
    for (size_t i = 0; i < count; i++) {
        const unsigned char *at = data + starts[i];
        skip(&at);
        out->key = text(&at);
        out->org = text(&at);
        out->at = number(&at);
        out->quantity = number(&at);
        if (number(&at)) skip(&at);
        out->region = text(&at);
        sum += out->key.length + out->org.length + out->at + out->quantity + out->region.length;
    }
    return sum;
}

/* The same five fields, with what Weir checks: every length and number is in bounds, text that is read is UTF-8, the
 * rest of the body is walked over, and nothing follows it. Stops at the first record that is broken. */
struct input {
    const unsigned char *at, *end;
    int broken;
};

static inline long long checked_number(struct input *in) {
    unsigned long long value = 0;
    for (int shift = 0; in->at < in->end && shift < 70; shift += 7) {
        unsigned char byte = *in->at++;
        if (shift == 63 && byte > 1) break;
        value |= (unsigned long long)(byte & 0x7f) << shift;
        if (!(byte & 0x80)) return (long long)(value >> 1) ^ -(long long)(value & 1);
    }
    in->broken = 1;
    return 0;
}

static inline struct text checked_text(struct input *in) {
    struct text text = {in->at, checked_number(in)};
    text.start = in->at;
    if ((unsigned long long)text.length > (unsigned long long)(in->end - in->at)) {
        in->broken = 1;
        text.length = 0;
    }
    in->at += text.length;
    return text;
}

/* Text that is not ASCII counts as broken: the records have none. */
static inline struct text checked_utf8(struct input *in) {
    struct text text = checked_text(in);
    unsigned long long seen = 0, word;
    long long at = 0;
    for (; at + 8 <= text.length; at += 8) {
        memcpy(&word, text.start + at, 8);
        seen |= word;
    }
    for (; at < text.length; at++) seen |= text.start[at];
    if (seen & 0x8080808080808080ull) in->broken = 1;
    return text;
}

static inline void checked_map(struct input *in) {
    long long count;
    while ((count = checked_number(in)) && !in->broken) {
        if (count < 0) {
            count = -count;
            checked_number(in);
        }
        for (; count > 0 && !in->broken; count--) {
            checked_text(in);
            checked_text(in);
        }
    }
}

static inline void checked_optional(struct input *in) {
    long long branch = checked_number(in);
    if (branch == 1) checked_text(in);
    else if (branch) in->broken = 1;
}

long long loop_w1_checked(const unsigned char *data, const unsigned *starts, size_t count, struct event *out) {
    long long sum = 0;
    for (size_t i = 0; i < count; i++) {
        struct input in = {data + starts[i], data + starts[i + 1], 0};
        checked_text(&in);
        out->key = checked_utf8(&in);
        out->org = checked_utf8(&in);
        long long meter = checked_number(&in);
        if (meter < 0 || meter > 2) in.broken = 1;
        out->meter = (int)meter;
        out->quantity = checked_number(&in);
        if (__builtin_mul_overflow(checked_number(&in), 1000, &out->at)) in.broken = 1;
        checked_optional(&in);
        checked_map(&in);
        if (in.broken || in.at != in.end) return 0;
        sum += out->key.length + out->org.length + out->meter + out->quantity + out->at;
    }
    return sum;
}

long long loop_storage_checked(const unsigned char *data, const unsigned *starts, size_t count, struct event *out) {
    long long sum = 0;
    for (size_t i = 0; i < count; i++) {
        struct input in = {data + starts[i], data + starts[i + 1], 0};
        checked_text(&in);
        out->key = checked_utf8(&in);
        out->org = checked_utf8(&in);
        out->at = checked_number(&in);
        out->quantity = checked_number(&in);
        checked_optional(&in);
        out->region = checked_utf8(&in);
        checked_map(&in);
        if (in.broken || in.at != in.end) return 0;
        sum += out->key.length + out->org.length + out->at + out->quantity + out->region.length;
    }
    return sum;
}
