// Reads billing.usage.v1 with Confluent's Java deserializer: one JSON object a message.
// Arguments: brokers, registry, topic.

import io.confluent.kafka.serializers.KafkaAvroDeserializer;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

public class ReadUsage {
    public static void main(String[] args) {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", args[0]);
        settings.put("schema.registry.url", args[1]);
        settings.put("key.deserializer", StringDeserializer.class.getName());
        settings.put("value.deserializer", KafkaAvroDeserializer.class.getName());
        settings.put("auto.offset.reset", "earliest");
        try (KafkaConsumer<String, Object> consumer = new KafkaConsumer<>(settings)) {
            List<TopicPartition> partitions = consumer.partitionsFor(args[2]).stream()
                .map(info -> new TopicPartition(args[2], info.partition())).collect(Collectors.toList());
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(place -> consumer.position(place) < ends.get(place))) {
                for (ConsumerRecord<String, Object> message : consumer.poll(Duration.ofMillis(200))) {
                    GenericRecord usage = (GenericRecord) message.value();
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
}
