// A run with known figures, as a report has it.

import Foundation
import WeirBench

extension RunResult {
    /// Ten seconds of ten records each, due from second 0 on; from second `lost` on half of each are never done.
    static func made(_ label: String, lost: Int = 10, faults: [FaultMark] = []) throws -> RunResult {
        let stretches = (0..<10).map { second in
            let isLost = second >= lost
            let rest = isLost ? #""p50": 20, "delivered": 0,"# : #""p50": 20, "p99": 30, "max": 40, "delivered": 10,"#
            return """
                {"from": \(second), "seconds": 1, "due": 10, "done": 10, \(rest) "missing": \(isLost ? 5 : 0)}
                """
        }
        let failures = (10 - lost) * 5
        let tops = failures == 0 ? #""p99": 30, "p999": 30, "max": 40,"# : ""
        let marks = try faults.map { String(decoding: try JSONEncoder().encode($0), as: UTF8.self) }
        let json = """
            {"label": "\(label)", "scenario": "s", "events": 100, "processes": [], "residentMiB": [], "objectiveP99": 2000,
            "faults": [\(marks.joined(separator: ","))], "load": {"offered": 10, "throughput": 10, "seconds": 12,
            "warmup": 0, "duration": 10, "stretches": [\(stretches.joined(separator: ","))],
            "durable": {"recorded": \(100 - failures), "failures": \(failures), "p50": 20, "p90": 30, \(tops)
            "histogram": [[20000000, \(100 - failures)]]},
            "sending": {"scheduled": 100, "sent": 100, "late": 0, "unsent": 0, "acknowledged": 100, "failed": 0,
            "neverDone": \(failures), "errors": {}, "worstLatenessMs": 0, "queueFull": 0, "isRaised": true, "bytes": 1,
            "total": 100},
            "watching": {"looks": 1, "failures": 0, "resolutionP50": 1, "resolutionP99": 1, "resolutionMax": 1,
            "negative": 0, "rewinds": 0, "unclaimed": 0, "reportsTooLate": 0}}}
            """
        return try JSONDecoder().decode(RunResult.self, from: Data(json.utf8))
    }
}
