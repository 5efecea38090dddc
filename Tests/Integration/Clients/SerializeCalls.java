// Serializes API calls with Confluent's Java serializer: one JSON object a line, the bytes in hexadecimal with it.
// Arguments: registry, topic, schema file, events, seed.
// Java's Kafka client 4 does not speak with the development broker, so the test sends the bytes.

import io.confluent.kafka.serializers.KafkaAvroSerializer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;

public class SerializeCalls {
    public static void main(String[] args) throws Exception {
        Schema schema = new Schema.Parser().parse(Files.readString(Path.of(args[2])));
        Random dice = new Random(Long.parseLong(args[4]));
        String[] regions = {"EU", "US", "ASIA"};
        try (KafkaAvroSerializer serializer = new KafkaAvroSerializer()) {
            serializer.configure(Map.of("schema.registry.url", args[0]), false);
            for (int number = 0; number < Integer.parseInt(args[3]); number++) {
                String organisation = "org-" + dice.nextInt(20);
                long at = 1_790_000_000_000L + dice.nextInt(6 * 3_600_000);
                String region = regions[dice.nextInt(3)];
                int duration = dice.nextInt(10_000);
                long latency = dice.nextInt(10_000_000);
                GenericData.Record call = new GenericData.Record(schema);
                call.put("request_id", args[4] + "-" + number);
                call.put("org_id", organisation);
                call.put("called_at", at);
                call.put("client_id", "client-" + dice.nextInt(50));
                call.put("region", new GenericData.EnumSymbol(schema.getField("region").schema(), region));
                call.put("duration_ms", duration);
                call.put("latency_us", latency);
                call.put("quota_used", (long) number);
                System.out.printf(
                    "{\"org_id\": \"%s\", \"called_at\": %d, \"region\": \"%s\", \"duration_ms\": %d, \"latency_us\": %d, "
                        + "\"payload\": \"%s\"}%n",
                    organisation, at, region, duration, latency,
                    HexFormat.of().formatHex(serializer.serialize(args[1], call)));
            }
        }
    }
}
