/* libavro's generic readers, used as its documentation shows: one value, reset for each record. */
#include "loop.h"
#include <avro.h>
#include <string.h>

long long libavro_read(
    const char *writer, const char *reader, const unsigned char *data, const unsigned *starts, size_t count) {
    avro_schema_t written = NULL, wanted = NULL;
    if (avro_schema_from_json_length(writer, strlen(writer), &written)) return -1;
    if (reader && avro_schema_from_json_length(reader, strlen(reader), &wanted)) return -1;
    avro_value_iface_t *class = avro_generic_class_from_schema(reader ? wanted : written);
    avro_value_iface_t *resolver = reader ? avro_resolved_writer_new(written, wanted) : NULL;
    if (!class || (reader && !resolver)) return -1;
    avro_value_t value, resolved;
    avro_generic_value_new(class, &value);
    if (resolver) {
        avro_resolved_writer_new_value(resolver, &resolved);
        avro_resolved_writer_set_dest(&resolved, &value);
    }
    avro_reader_t input = avro_reader_memory(NULL, 0);
    long long read = 0;
    for (size_t i = 0; i < count; i++) {
        avro_reader_memory_set_source(input, (const char *)data + starts[i], starts[i + 1] - starts[i]);
        avro_value_reset(&value);
        if (avro_value_read(input, resolver ? &resolved : &value)) break;
        read++;
    }
    avro_reader_free(input);
    if (resolver) {
        avro_value_decref(&resolved);
        avro_value_iface_decref(resolver);
        avro_schema_decref(wanted);
    }
    avro_value_decref(&value);
    avro_value_iface_decref(class);
    avro_schema_decref(written);
    return read;
}
