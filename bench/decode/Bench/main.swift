// Measures decoding: bench/decode/run.sh runs this, and the other languages on the same records.
//
//   decode-bench FOLDER [ROUNDS]    measures, and writes records and schemas to FOLDER for the others
//   decode-bench --loop CONTRACT all|five SECONDS    only decodes with Weir, for perf

import Foundation
import WeirAvro

/// Nanoseconds of a record: the best of a row's passes. Rows take turns, so that all see the same machine; what
/// disturbs a pass makes it slower, never faster.
func measure(_ rows: [Row], rounds: Int) throws -> [Double] {
    var best = Array(repeating: Double.infinity, count: rows.count)
    for _ in 0..<rounds {
        for (index, row) in rows.enumerated() {
            let start = ContinuousClock.now
            try row.run(row.records)
            let spent = start.duration(to: .now) / .nanoseconds(1)
            best[index] = min(best[index], spent / Double(row.records))
        }
    }
    return best
}

/// Records for other languages: each with its length before it, four bytes, big endian.
func export(_ contract: Contract, to folder: String) throws {
    var data = Data()
    for index in 0..<min(contract.count, 100_000) {
        let record = contract.data[Int(contract.starts[index])..<Int(contract.starts[index + 1])]
        withUnsafeBytes(of: UInt32(record.count).bigEndian) { data.append(contentsOf: $0) }
        data.append(contentsOf: record)
    }
    let base = URL(filePath: folder).appending(path: contract.name)
    try data.write(to: base.appendingPathExtension("records"))
    try Data(contract.schema.text.utf8).write(to: base.appendingPathExtension("avsc"))
    try Data(contract.fiveSchema.utf8).write(to: base.appendingPathExtension("five.avsc"))
}

let arguments = CommandLine.arguments
let count = 200_000
let contracts = [try Contract.storage(count: count), try Contract.w1(count: count)]
if arguments.count == 5, arguments[1] == "--loop", let contract = contracts.first(where: { $0.name == arguments[2] }),
    let seconds = Double(arguments[4])
{
    let row = try Rows.rows(contract)[arguments[3] == "all" ? 1 : 4]
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end { try row.run(row.records) }
} else if arguments.count >= 2 {
    for contract in contracts {
        try export(contract, to: arguments[1])
        let rows = try Rows.rows(contract)
        let times = try measure(rows, rounds: arguments.count > 2 ? Int(arguments[2]) ?? 9 : 9)
        for (row, time) in zip(rows, times) { print("\(contract.name)\t\(row.name)\t\(time)") }
    }
} else {
    FileHandle.standardError.write(Data("decode-bench FOLDER [ROUNDS]\n".utf8))
    exit(64)
}
