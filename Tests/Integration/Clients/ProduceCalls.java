// Writes API calls with Confluent's Java serializer, and says what it wrote: one JSON object a line.
// Arguments: brokers, registry, topic, schema file, events, seed.

import io.confluent.kafka.serializers.KafkaAvroSerializer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.Random;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

public class ProduceCalls {
    public static void main(String[] args) throws Exception {
        Schema schema = new Schema.Parser().parse(Files.readString(Path.of(args[3])));
        Properties settings = new Properties();
        settings.put("bootstrap.servers", args[0]);
        settings.put("schema.registry.url", args[1]);
        settings.put("key.serializer", StringSerializer.class.getName());
        settings.put("value.serializer", KafkaAvroSerializer.class.getName());
        settings.put("enable.idempotence", "false");
        Random dice = new Random(Long.parseLong(args[5]));
        String[] regions = {"EU", "US", "ASIA"};
        try (KafkaProducer<String, Object> producer = new KafkaProducer<>(settings)) {
            for (int number = 0; number < Integer.parseInt(args[4]); number++) {
                String organisation = "org-" + dice.nextInt(20);
                long at = 1_790_000_000_000L + dice.nextInt(6 * 3_600_000);
                String region = regions[dice.nextInt(3)];
                int duration = dice.nextInt(10_000);
                long latency = dice.nextInt(10_000_000);
                GenericData.Record call = new GenericData.Record(schema);
                call.put("request_id", args[5] + "-" + number);
                call.put("org_id", organisation);
                call.put("called_at", at);
                call.put("client_id", "client-" + dice.nextInt(50));
                call.put("region", new GenericData.EnumSymbol(schema.getField("region").schema(), region));
                call.put("duration_ms", duration);
                call.put("latency_us", latency);
                call.put("quota_used", (long) number);
                producer.send(new ProducerRecord<>(args[2], organisation, call)).get();
                System.out.printf(
                    "{\"org_id\": \"%s\", \"called_at\": %d, \"region\": \"%s\", \"duration_ms\": %d, \"latency_us\": %d}%n",
                    organisation, at, region, duration, latency);
            }
        }
    }
}
