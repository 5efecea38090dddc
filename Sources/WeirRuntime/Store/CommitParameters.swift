// The parameters of a commit's two large statements: no server is needed to make them, or to measure what they cost.

internal import WeirCore
internal import WeirKafka
package import WeirPostgres

package enum CommitParameters {
    /// Of `Statement.usage`.
    ///
    /// - Parameters:
    ///   - indexes: deltas of the batch, each for another row.
    ///   - counts: by delta, how many members of a `unique` meter were new.
    package static func usage(
        _ batch: borrowing OpenBatch, _ indexes: ArraySlice<Int>, members counts: [Int32: Int64], of job: Job,
        into parameters: inout Parameters
    ) {
        let deltas = batch.meters.deltas
        let parts = batch.parts
        let meters = job.topology.meters
        parameters.addArray(.text, of: indexes) { $1.put(batch.meters.organisation(deltas[$0].organisation)) }
        parameters.addArray(.text, of: indexes) { $1.put(meters[Int(deltas[$0].meter)].name) }
        parameters.addArray(.timestamptz, of: indexes) { $1.put(timestamp: deltas[$0].windowStart) }
        parameters.addArray(.timestamptz, of: indexes) { $1.put(timestamp: deltas[$0].windowEnd) }
        let names = meters.map { $0.groupBy.map { Array(JSONText.quoted($0.description).utf8) } }
        var json: [UInt8] = []
        parameters.addArray(.text, of: indexes) { index, writer in
            json.removeAll(keepingCapacity: true)
            batch.meters.appendDimensions(of: deltas[index], names: names[Int(deltas[index].meter)], to: &json)
            writer.put(json[...])
        }
        parameters.addArray(.text, of: indexes) { $1.put(deltas[$0].aggregate.rawValue) }
        parameters.addArray(.numeric, of: indexes) { index, writer in
            let delta = deltas[index]
            let quantity = delta.aggregate == .unique ? Int128(counts[Int32(index)] ?? 0) : delta.quantity
            writer.put(numeric: quantity, scale: job.scales[Int(delta.meter)])
        }
        parameters.addArray(.int8, of: indexes) { $1.put(deltas[$0].eventCount) }
        parameters.addArray(.timestamptz, of: indexes) { $1.put(timestamp: deltas[$0].firstEventAt) }
        parameters.addArray(.timestamptz, of: indexes) { $1.put(timestamp: deltas[$0].lastEventAt) }
        parameters.addArray(.text, of: indexes) { $1.put(parts[Int(deltas[$0].partition)].id.topic) }
        parameters.addArray(.int4, of: indexes) { $1.put(parts[Int(deltas[$0].partition)].id.partition) }
        parameters.addArray(.int8, of: indexes) { $1.put(deltas[$0].firstOffset) }
        parameters.add(job.topology.name)
        parameters.add(Int32(job.topology.version))
        parameters.addArray(.int8, of: indexes) { $1.put(deltas[$0].lastOffset) }
    }

    /// Of `Statement.seen`.
    ///
    /// - Parameter now: time of the commit, microseconds since 1970.
    package static func keys(of part: BatchPart, topology: String, at now: Int64, into parameters: inout Parameters) {
        parameters.add(topology)
        parameters.add(part.id.topic)
        parameters.add(part.id.partition)
        parameters.add(part.progress.fromOffset ?? 0)
        parameters.add(timestamp: now)
        parameters.add(Int32(part.progress.newKeys.count))
        SeenKeys.store(part.progress.newKeys) { parameters.add(raw: $0) }
    }
}
