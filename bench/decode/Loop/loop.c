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
