// Carries out a scenario's faults at their times, and takes back those that last.

import Foundation
import WeirBench
import WeirCore
import WeirKafka

/// Used by one thread, which calls `tick` every few milliseconds.
final class BenchFaults {
    private(set) var marks: [FaultMark] = []
    private let field: Field
    private let crew: Crew
    private var planned: ArraySlice<Scenario.Fault>
    private var ends: [(at: Double, undo: () -> Void)] = []

    /// Fails if a fault cannot be done to the servers in use.
    init(_ faults: [Scenario.Fault], _ field: Field, _ crew: Crew) throws {
        planned = faults.sorted { $0.at < $1.at }[...]
        self.field = field
        self.crew = crew
        for fault in faults {
            if fault.kind == .stopPostgres, field.servers.postmaster == nil {
                throw WeirError(
                    .usage, "the scenario stops PostgreSQL, and that is your server",
                    advice: "Leave out --postgres and WEIR_POSTGRES: weir bench starts one of its own.")
            }
            if fault.kind == .delayBroker, field.servers.cluster == nil {
                throw WeirError(
                    .usage, "the scenario delays the broker, and that is your server",
                    advice: "Leave out --brokers and WEIR_BROKERS: weir bench starts one of its own.")
            }
        }
    }

    func tick(_ now: Double) {
        while let index = ends.firstIndex(where: { now >= $0.at }) { ends.remove(at: index).undo() }
        while let fault = planned.first, now >= fault.at {
            planned.removeFirst()
            strike(fault, now)
        }
    }

    /// Takes back what still lasts.
    func end() {
        for end in ends { end.undo() }
        ends = []
    }

    private func strike(_ fault: Scenario.Fault, _ now: Double) {
        let place = fault.worker - 1
        let length = TimeSpan(microseconds: Int64(fault.length * 1e6))
        var words = "worker \(fault.worker)"
        switch fault.kind {
        case .kill:
            crew.kill(place, at: now, pause: fault.length)
            words += " killed, away \(length)"
        case .freeze:
            crew.freeze(place, at: now, seconds: fault.length)
            words += " frozen \(length)"
        case .restart:
            crew.restart(place, at: now, pause: fault.length)
            words += " restarted"
        case .stopPostgres:
            guard let postmaster = field.servers.postmaster else { return }
            // The one that makes the others first, so that none is missed.
            let processes = [postmaster] + ProcessTable.children(of: postmaster)
            for process in processes { kill(process, SIGSTOP) }
            ends.append((now + fault.length, { for process in processes { kill(process, SIGCONT) } }))
            words = "PostgreSQL stopped \(length)"
        case .delayBroker:
            let cluster = field.servers.cluster
            cluster?.setRoundTrip(milliseconds: Int(fault.delay * 1000), broker: 1)
            ends.append((now + fault.length, { cluster?.setRoundTrip(milliseconds: 0, broker: 1) }))
            words = "broker \(TimeSpan(microseconds: Int64(fault.delay * 1e6))) slower for \(length)"
        }
        marks.append(FaultMark(at: now, until: now + fault.length, words: words))
    }
}
