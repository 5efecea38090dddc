/* What the decode benchmark compares Weir with, in C: the loop by hand, and libavro. */
#ifndef WEIR_DECODE_LOOP_H
#define WEIR_DECODE_LOOP_H

#include <stddef.h>

struct text {
    const unsigned char *start;
    long long length;
};

/* A usage event as C would have it: text is borrowed. */
struct event {
    struct text id, key, org, project, region;
    long long quantity, at;
    int meter;
};

/* Decode record after record and return a sum over what was read, so that nothing can be left out.
 * starts has count + 1 entries. */
long long loop_w1_all(const unsigned char *data, const unsigned *starts, size_t count, struct event *out);
long long loop_w1_five(const unsigned char *data, const unsigned *starts, size_t count, struct event *out);
long long loop_storage_all(const unsigned char *data, const unsigned *starts, size_t count, struct event *out);
long long loop_storage_five(const unsigned char *data, const unsigned *starts, size_t count, struct event *out);

/* The five fields, with all that Weir checks; 0 if a record is broken. */
long long loop_w1_checked(const unsigned char *data, const unsigned *starts, size_t count, struct event *out);
long long loop_storage_checked(const unsigned char *data, const unsigned *starts, size_t count, struct event *out);

/* libavro reading the same records into one generic value; reader may be NULL for the plain reader.
 * Returns the number of records read, or -1. */
long long libavro_read(
    const char *writer, const char *reader, const unsigned char *data, const unsigned *starts, size_t count);

#endif
