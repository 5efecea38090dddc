// What API calls add up to, computed from what their producers say they wrote: nothing of Weir's is used.

import Foundation
import Testing
import WeirCore
import WeirPostgres

struct WrittenCall: Decodable {
    let organisation: String
    /// Milliseconds since 1970.
    let calledAt: Int64
    let region: String
    let duration: Int
    let latency: Int

    enum CodingKeys: String, CodingKey {
        case organisation = "org_id"
        case calledAt = "called_at"
        case region
        case duration = "duration_ms"
        case latency = "latency_us"
    }

    /// The lines of a producer.
    static func list(_ text: String) throws -> [WrittenCall] {
        try text.split(separator: "\n").map { try JSONDecoder().decode(WrittenCall.self, from: Data($0.utf8)) }
    }
}

/// `meter|organisation|window's start|region` → quantity.
typealias CallTotals = [String: Int]

extension [WrittenCall] {
    /// - Parameter regions: names under which the consumer knows them.
    func totals(_ regions: (String) -> String = { $0 }) -> CallTotals {
        var totals: CallTotals = [:]
        for call in self {
            let hour = call.calledAt / 3_600_000 * 3600
            let minutes = call.calledAt / 600_000 * 600
            totals["api_calls|\(call.organisation)|\(hour)|\(regions(call.region))", default: 0] += 1
            totals["api_duration_ms|\(call.organisation)|\(hour)|", default: 0] += call.duration
            let fastest = "api_fastest_us|\(call.organisation)|\(minutes)|"
            totals[fastest] = Swift.min(totals[fastest] ?? .max, call.latency)
        }
        return totals
    }
}

extension Rig {
    /// The same from PostgreSQL, for the three meters that need no order of events.
    func callTotals(_ regions: (String) -> String = { $0 }) throws -> CallTotals {
        let rows = try connection.query(
            """
            SELECT meter, org_id, extract(epoch FROM window_start)::int8, coalesce(dimensions->>'region', ''), quantity::int8
            FROM billing.usage WHERE meter IN ('api_calls', 'api_duration_ms', 'api_fastest_us')
            """)
        var totals: CallTotals = [:]
        for row in 0..<rows.count {
            let region = rows.text(row, 0) == "api_calls" ? regions(rows.text(row, 3)) : ""
            totals["\(rows.text(row, 0))|\(rows.text(row, 1))|\(rows.int64(row, 2))|\(region)", default: 0] += Int(
                rows.int64(row, 4))
        }
        return totals
    }

    /// Waits until as many records are processed as were written, by whomever.
    func waitUntilCounted(_ calls: [WrittenCall]) throws {
        noteProduced(calls.count - produced)
        try waitUntilProcessed()
    }
}

/// A program in another language that runs beside the test; its output goes to a file.
final class Client {
    private let program: String
    private let process: ChildProcess
    private let output = FileManager.default.temporaryDirectory.appending(path: "weir-client-\(UUID().uuidString).out")

    init(_ program: String, _ arguments: [String]) throws {
        try Data().write(to: output)
        let file = try FileHandle(forWritingTo: output)
        self.program = ([program] + arguments).joined(separator: " ")
        process = try ChildProcess(program, arguments, output: .descriptor(file.fileDescriptor))
        try file.close()
        Leash.tie(process)
    }

    deinit {
        Leash.end(process)
        try? FileManager.default.removeItem(at: output)
    }

    /// What it wrote, once it has ended well.
    func finish(seconds: Int = 120) throws -> String {
        try waitUntil("\(program) ends", seconds: seconds) { !process.isRunning }
        #expect(process.end == .status(0))
        return try String(contentsOf: output, encoding: .utf8)
    }
}
