"""Every message of a topic from the first offset to its end, with confluent-kafka and no group's offsets."""

import sys

import confluent_kafka


def messages(brokers, topic):
    """Yields the messages; exits if one does not come within 10 s."""
    consumer = confluent_kafka.Consumer(
        {
            "bootstrap.servers": brokers,
            "group.id": "whole-topic",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
        }
    )
    partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
    consumer.assign(
        [confluent_kafka.TopicPartition(topic, number, confluent_kafka.OFFSET_BEGINNING) for number in partitions]
    )
    open_partitions = set(partitions)
    while open_partitions:
        message = consumer.poll(10)
        if message is None:
            sys.exit("no message within 10 s")
        if message.error():
            if message.error().code() != confluent_kafka.KafkaError._PARTITION_EOF:
                sys.exit(str(message.error()))
            open_partitions.discard(message.partition())
            continue
        yield message
    consumer.close()
