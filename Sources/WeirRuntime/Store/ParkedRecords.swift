// Records that wait, packed into one row of weir.parked.

package import WeirKafka

/// Packing: for each record offset, timestamp, key, payload, and headers.
package enum ParkedRecords {
    package static func pack(_ records: [HeldRecord]) -> [UInt8] {
        var packer = Packer()
        for record in records {
            packer.put(record.offset)
            packer.put(record.timestamp)
            packer.put(record.hasKey ? record.key.copy() : nil)
            packer.put(record.hasPayload ? record.payload.copy() : nil)
            packer.put(record.headers)
        }
        return packer.bytes
    }

    /// Nil if the bytes are not what `pack` makes.
    package static func unpack(_ bytes: [UInt8], of source: TopicPartition) -> [HeldRecord]? {
        var unpacker = Unpacker(bytes)
        var records: [HeldRecord] = []
        while !unpacker.isAtEnd, !unpacker.isBroken {
            let offset = unpacker.number()
            let timestamp = unpacker.number()
            records.append(
                HeldRecord(
                    topic: source.topic, partition: source.partition, offset: offset, timestamp: timestamp,
                    key: unpacker.value(), payload: unpacker.value(), headers: unpacker.headers()))
        }
        return unpacker.isBroken ? nil : records
    }
}
