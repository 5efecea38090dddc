// `/status.json`: all that the page shows and `weir top` prints. docs/console.md says what the fields mean.

internal import WeirCore
package import WeirObserve

/// One shape for who writes it and who reads it. Times are seconds since 1970, spans are seconds, rates are per second.
package struct StatusDocument: Codable, Equatable, Sendable {
    /// Raised when a field changes its meaning or goes; new fields do not raise it.
    package static let currentFormat = 1

    package let format: Int
    package let time: Double
    /// Version of the program.
    package let weir: String
    package let host: String
    package let process: Int32
    /// `starting`, `running` or `draining`.
    package let state: String
    /// What a start waits for.
    @OrNull package private(set) var waitingFor: String?
    package let topologies: [TopologyPart]

    enum CodingKeys: String, CodingKey {
        case format, time, weir, host, process, state, topologies
        case waitingFor = "waiting_for"
    }

    /// Who speaks.
    package struct Speaker: Sendable {
        package let version: String
        package let host: String
        package let processID: Int32

        package init(version: String, host: String, processID: Int32) {
            self.version = version
            self.host = host
            self.processID = processID
        }
    }

    /// - Parameters:
    ///   - histories: by topology.
    ///   - answers: by topology.
    ///   - others: by topology.
    ///   - now: microseconds since 1970.
    package init(
        _ state: ProcessState, by speaker: Speaker, histories: [String: TopologyHistory],
        answers: [String: DatabaseAnswers], others: [String: OtherPartitions] = [:], at now: Int64
    ) {
        format = Self.currentFormat
        time = .time(now)
        weir = speaker.version
        host = Printable.text(speaker.host)
        process = speaker.processID
        self.state = state.starting != nil ? "starting" : state.isDraining ? "draining" : "running"
        waitingFor = state.starting
        topologies = state.topologies.map { status in
            TopologyPart(
                status, histories[status.name] ?? TopologyHistory(since: 0), answers[status.name] ?? DatabaseAnswers(),
                others[status.name] ?? OtherPartitions(), now)
        }
    }
}

extension Double {
    /// Microseconds since 1970 as seconds.
    package static func time(_ microseconds: Int64) -> Double { Double(microseconds) / 1_000_000 }

    /// A span of microseconds as seconds. Never negative: two clocks may differ.
    static func seconds(_ microseconds: Int64) -> Double { Double(max(0, microseconds)) / 1_000_000 }
}
