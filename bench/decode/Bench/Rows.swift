// The rows of the table that this process can measure itself: Weir, C by hand, libavro.

import DecodeLoop
import WeirAvro
import WeirCore

/// One way to decode; `run` decodes the first so many records.
struct Row {
    let name: String
    /// Records of a pass: fewer for what is slow.
    let records: Int
    let run: (Int) throws -> Void
}

enum Rows {
    /// Passes over one contract. A pass that decodes something else than another, or nothing, ends the benchmark.
    static func rows(_ contract: Contract) throws -> [Row] {
        let isW1 = contract.name == "W1"
        let loopAll: Loop = if isW1 { { loop_w1_all($0, $1, $2, $3) } } else { { loop_storage_all($0, $1, $2, $3) } }
        let loopChecked: Loop =
            if isW1 { { loop_w1_checked($0, $1, $2, $3) } } else { { loop_storage_checked($0, $1, $2, $3) } }
        let loopFive: Loop = if isW1 { { loop_w1_five($0, $1, $2, $3) } } else { { loop_storage_five($0, $1, $2, $3) } }
        let many = contract.count
        let few = min(many, 20_000)
        var rows = [
            Row(name: "C by hand, all fields", records: many, run: loop(contract, loopAll)),
            Row(name: "Weir, all fields", records: many, run: try plan(contract, identities(contract.all))),
            Row(
                name: "C by hand, five fields", records: many, run: loop(contract, loopFive)),
            Row(
                name: "C by hand, five fields, all of the body checked", records: many,
                run: loop(contract, loopChecked)),
            Row(name: "Weir, five fields", records: many, run: try plan(contract, identities(contract.five))),
            Row(name: "Weir, whole values", records: few, run: try values(contract)),
            Row(name: "libavro, all fields", records: few, run: libavro(contract, reader: nil)),
            Row(
                name: "libavro, resolved to five fields", records: few,
                run: libavro(contract, reader: contract.fiveSchema)),
        ]
        if !contract.topology.isEmpty {
            rows.append(
                Row(
                    name: "Weir, five fields of billing-usage", records: many,
                    run: try plan(contract, contract.topology)))
        }
        return rows
    }

    private static func identities(_ paths: [String]) -> [FieldRequest] {
        paths.map { FieldRequest(FieldPath($0), .identity) }
    }

    private struct Wrong: Error {}

    private static func plan(_ contract: Contract, _ requests: [FieldRequest]) throws -> (Int) throws -> Void {
        let plan = try DecodePlan(
            writer: contract.schema, reader: contract.schema, fields: requests)
        var fields = Array(repeating: FieldValue(), count: requests.count)
        return { count in
            let sum = try decode(plan, contract, count, &fields)
            if sum == 0 { throw Wrong() }
        }
    }

    /// As the engine does it: a span of the payload, a span of the values.
    @inline(never)
    private static func decode(
        _ plan: DecodePlan, _ contract: Contract, _ count: Int, _ fields: inout [FieldValue]
    ) throws(DecodeError) -> Int64 {
        var sum: Int64 = 0
        let data = contract.data.span.bytes
        let starts = contract.starts.span
        for index in 0..<count {
            var values = fields.mutableSpan
            try plan.decode(data.extracting(Int(starts[index])..<Int(starts[index + 1])), into: &values)
            for slot in values.indices {
                sum &+= values[unchecked: slot].integer &+ Int64(values[unchecked: slot].length)
            }
        }
        return sum
    }

    private static func values(_ contract: Contract) throws -> (Int) throws -> Void {
        let decoder = try ValueDecoder(writer: contract.schema)
        return { count in
            let data = contract.data.span.bytes
            for index in 0..<count {
                _ = try decoder.decode(
                    data.extracting(Int(contract.starts[index])..<Int(contract.starts[index + 1])))
            }
        }
    }

    private typealias Loop = (UnsafePointer<UInt8>?, UnsafePointer<UInt32>?, Int, UnsafeMutablePointer<event>?) -> Int64

    private static func loop(_ contract: Contract, _ loop: @escaping Loop) -> (Int) throws -> Void {
        { count in
            var event = event()
            if loop(contract.data, contract.starts, count, &event) == 0 { throw Wrong() }
        }
    }

    private static func libavro(_ contract: Contract, reader: String?) -> (Int) throws -> Void {
        { count in
            let read =
                if let reader {
                    libavro_read(contract.schema.text, reader, contract.data, contract.starts, count)
                } else {
                    libavro_read(contract.schema.text, nil, contract.data, contract.starts, count)
                }
            if read != Int64(count) { throw Wrong() }
        }
    }
}
