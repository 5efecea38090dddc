// Records through the pure steps of the engine, one partition at a time.

import WeirAvro
import WeirCore
import WeirRuntime

enum Records {
    /// The five fields that W1's topology reads.
    static func decode(_ count: Int) throws -> Benchmark.Pass {
        let workload = try Workload(records: count)
        let plan = try DecodePlan(writer: workload.schema, reader: workload.schema, fields: workload.plan.requests)
        var fields = Array(repeating: FieldValue(), count: plan.fieldCount)
        var length = 0
        let time = try measured {
            for record in workload.records {
                let payload = record.payload
                guard let frame = ConfluentFrame(parsing: payload) else { throw Wrong("a record without a frame") }
                var values = fields.mutableSpan
                try plan.decode(payload.extracting(frame.body), into: &values)
                length &+= Int(values[workload.plan.idempotencyKey].length)
            }
        }
        try expect(length == count * 36, "the keys are no UUIDs: \(length) bytes of \(count)")
        return Benchmark.Pass(records: count, time: time)
    }

    /// Validation, hash of the key, dedupe and window, of decoded records.
    static func meter(_ count: Int) throws -> Benchmark.Pass {
        let workload = try Workload(records: count)
        let plan = try DecodePlan(writer: workload.schema, reader: workload.schema, fields: workload.plan.requests)
        let decoded = try workload.records.map { record in
            var fields = Array(repeating: FieldValue(), count: plan.fieldCount)
            var values = fields.mutableSpan
            try plan.decode(
                record.payload.extracting(ConfluentFrame.headerSize..<record.payload.byteCount), into: &values)
            return fields
        }
        var counted = 0
        let time = measured { counted = meter(workload, decoded, plan.constants) }
        try expect(counted == workload.unique, "\(counted) records were counted, \(workload.unique) are to be")
        return Benchmark.Pass(records: count, time: time)
    }

    /// - Returns: how many were counted.
    private static func meter(_ workload: Workload, _ decoded: [[FieldValue]], _ constants: [UInt8]) -> Int {
        let source = workload.plan
        var batch = MeterBatch(secret: Workload.secret, memberScope: "billing.usage")
        var seen = KeyIndex(minimumCapacity: 64)
        let known = KeyIndex(minimumCapacity: 64)
        var progress = PartitionProgress(partition: 0, fromOffset: nil, nextOffset: 0)
        var counted = 0
        for (index, record) in workload.records.enumerated() {
            let payload = record.payload
            let fields = decoded[index]
            let body = DecodedRecord(
                body: payload.extracting(ConfluentFrame.headerSize..<payload.byteCount),
                constants: constants.span.bytes, fields: fields.span, offset: Int64(index))
            let outcome = batch.apply(
                body, plan: source, slot: 0, messageKey: record.key, now: Workload.now.wall, bucket: 0,
                seen: &seen, known: known, progress: &progress)
            if case .counted = outcome { counted += 1 }
        }
        return counted
    }
}
