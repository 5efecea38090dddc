// Reads messages of billing.usage.v1 with Confluent's Java deserializer: one JSON object each.
// Arguments: registry, topic, file with a message a line, in hexadecimal.

import io.confluent.kafka.serializers.KafkaAvroDeserializer;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import org.apache.avro.generic.GenericRecord;

public class DeserializeUsage {
    public static void main(String[] args) throws Exception {
        try (KafkaAvroDeserializer deserializer = new KafkaAvroDeserializer()) {
            deserializer.configure(Map.of("schema.registry.url", args[0]), false);
            for (String line : Files.readAllLines(Path.of(args[2]))) {
                GenericRecord usage = (GenericRecord) deserializer.deserialize(args[1], HexFormat.of().parseHex(line));
                ByteBuffer bytes = ((ByteBuffer) usage.get("quantity")).duplicate();
                byte[] unscaled = new byte[bytes.remaining()];
                bytes.get(unscaled);
                System.out.printf(
                    "{\"org_id\": \"%s\", \"meter\": \"%s\", \"quantity\": \"%s\", \"event_count\": %s, "
                        + "\"revision\": %s, \"window_start\": %s}%n",
                    usage.get("org_id"), usage.get("meter"), new BigDecimal(new BigInteger(unscaled), 6),
                    usage.get("event_count"), usage.get("revision"), usage.get("window_start"));
            }
        }
    }
}
