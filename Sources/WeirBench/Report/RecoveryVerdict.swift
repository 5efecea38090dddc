// What all recoveries of a report come to.

public import WeirCore

extension Recovery {
    /// - Parameter objective: in words.
    public static func verdict(_ recoveries: [Recovery], objective: String, session: TimeSpan) -> String {
        let times = recoveries.compactMap(\.seconds)
        let lost = recoveries.count - times.count
        guard lost == 0 else {
            return recoveries.count == 1
                ? "The fault was not recovered from before the end of the run."
                : "\(lost) of \(recoveries.count) faults \(lost == 1 ? "was" : "were") not recovered from before the next one, "
                    + "or the end of the run."
        }
        guard let slowest = times.max() else { return "There was no fault." }
        let afterwards = recoveries.compactMap(\.afterwards).max()
        if times.count == 1 {
            let still = afterwards.map { ", and \($0.rounded(to: 1)) s after its partitions went on" } ?? ""
            return
                "p99 is within \(objective) again \(slowest.rounded(to: 1)) s after the fault (session time-out \(session))"
                + "\(still)."
        }
        let still =
            afterwards.map { ", and after \($0.rounded(to: 1)) s at the most of its partitions' going on" } ?? ""
        return
            "After each of \(times.count) faults p99 is within \(objective) again after \(slowest.rounded(to: 1)) s at the "
            + "most (session time-out \(session))\(still)."
    }
}
