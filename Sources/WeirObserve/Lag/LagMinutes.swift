// Cuts the lag of partitions into minutes of wall time: pure, on whatever clock the caller has.

package import WeirCore

/// Looked at several times a second; what has ended since the last look comes out as reports.
///
/// Counts are differences of totals that only grow, so every record is in one report, that of the minute in which a
/// look first saw it. Time is covered between two looks that both found the partition with the same owner. It adds up
/// to the minute exactly, whenever the looks are; a clock that is set back or jumps, and a process that stood still,
/// leave time that nobody covers, which is bad news.
package struct LagMinutes {
    private struct Place: Hashable {
        let worker: Int
        let topic: String
        let partition: Int32
    }

    /// What is reported already.
    private struct Reported {
        var arrival = LagHistogram()
        var tally = RecordTally()
        /// Of the last report: together they name it.
        var epoch: Int64?
        var number: Int64 = 0
    }

    private struct Part {
        let owner: String
        let epoch: Int64
        let minute: Int64
        let beganAt: Int64
        var covered: Int64 = 0
        var lookedAt: Int64
        /// As of that look, in microseconds.
        var oldest: Int64?
    }

    private let topology: String
    private let objective: Objective
    /// Milliseconds.
    private let length: Int64
    private var parts: [Place: Part] = [:]
    private var reported: [Place: Reported] = [:]

    /// Between two looks that are further apart nobody looked, in milliseconds.
    private static let patience: Int64 = 10_000

    /// - Parameter length: of a minute, in milliseconds.
    package init(topology: String, objective: Objective, length: Int64 = 60_000) {
        self.topology = topology
        self.objective = objective
        self.length = length
    }

    /// - Parameters:
    ///   - workers: all partitions that each of them has or had; a worker keeps its place.
    ///   - now: microseconds since 1970.
    package mutating func look(at workers: [[PartitionStatus]], now: Int64) -> [LagReport] {
        var reports: [LagReport] = []
        for (worker, partitions) in workers.enumerated() {
            for status in partitions {
                let place = Place(worker: worker, topic: status.topic, partition: status.partition)
                look(at: status, place, now, &reports)
            }
        }
        return reports
    }

    /// The last look: what is open ends as it was seen last.
    package mutating func finish(_ workers: [[PartitionStatus]], now: Int64) -> [LagReport] {
        var reports = look(at: workers, now: now)
        for (worker, partitions) in workers.enumerated() {
            for status in partitions {
                let place = Place(worker: worker, topic: status.topic, partition: status.partition)
                guard let part = parts.removeValue(forKey: place) else { continue }
                close(part, place, status, &reports)
            }
        }
        return reports
    }

    private mutating func look(
        at status: PartitionStatus, _ place: Place, _ now: Int64, _ reports: inout [LagReport]
    ) {
        // Before its claim the partition may still be somebody else's.
        let held = status.held.flatMap { $0.phase == .claiming ? nil : $0 }
        let time = now / 1000
        let minute = time - time % length
        let oldest = status.oldestAge(at: now).flatMap { $0 > 0 ? $0 : nil }
        var isContinued = false
        if var part = parts[place] {
            if let held, held.epoch == part.epoch {
                let gap = time - part.lookedAt
                isContinued = gap > 0 && gap <= Self.patience
                part.oldest = oldest
                if minute == part.minute {
                    if isContinued { part.covered += gap }
                    part.lookedAt = time
                    parts[place] = part
                    return
                }
                if isContinued { part.covered += part.minute + length - part.lookedAt }
            }
            close(part, place, status, &reports)
            parts[place] = nil
            if let held, held.epoch == part.epoch {
                let beganAt = isContinued ? minute : time
                parts[place] = Part(
                    owner: held.owner, epoch: held.epoch, minute: minute, beganAt: beganAt,
                    covered: time - beganAt, lookedAt: time, oldest: oldest)
                return
            }
        }
        if let held {
            parts[place] = Part(
                owner: held.owner, epoch: held.epoch, minute: minute, beganAt: time, lookedAt: time, oldest: oldest)
        } else if let claim = status.lastClaim {
            // It came and went between two looks, or its last commit was told of after it had gone: nobody covers that
            // time, and its records count.
            let part = Part(owner: claim.owner, epoch: claim.epoch, minute: minute, beganAt: time, lookedAt: time)
            close(part, place, status, &reports)
        }
    }

    private mutating func close(_ part: Part, _ place: Place, _ status: PartitionStatus, _ reports: inout [LagReport]) {
        let before = reported[place] ?? Reported()
        let tally = status.lag.tally.since(before.tally)
        // A clock that was set back runs through a minute twice.
        let covered = min(part.covered, length)
        guard covered > 0 || tally.total > 0 else { return }
        let number = before.epoch == part.epoch ? before.number + 1 : 0
        reported[place] = Reported(
            arrival: status.lag.arrival, tally: status.lag.tally, epoch: part.epoch, number: number)
        let line = objective.lag.microseconds
        reports.append(
            LagReport(
                topology: topology, topic: place.topic, partition: place.partition, minute: part.minute,
                beganAt: part.beganAt, covered: covered, overdue: part.oldest ?? 0 > line ? covered : 0, tally: tally,
                lag: LagReport.Lag(status.lag.arrival.since(before.arrival)), line: line,
                target: objective.millionths, oldest: part.oldest, owner: part.owner, epoch: part.epoch,
                number: number))
    }
}
