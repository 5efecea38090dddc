// From the text of a scenario file to a scenario, or to all mistakes in it.

internal import Foundation
public import WeirCore

public enum ScenarioFile {
    public static func load(path: String) throws(WeirError) -> Scenario {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw WeirError(.usage, "\(path): the scenario cannot be read", advice: "bench/scenarios has some.")
        }
        do throws(ConfigMistakes) {
            return try load(text, file: path)
        } catch {
            throw error.weirError
        }
    }

    /// - Parameter file: the text's name, for messages.
    public static func load(_ text: String, file: String) throws(ConfigMistakes) -> Scenario {
        var findings = ConfigFindings(file: file)
        var scenario: Scenario?
        if let root = ConfigNode.parse(yaml: text, into: &findings),
            let fields = ScenarioFormat.Root.section.read(root, into: &findings)
        {
            scenario = read(fields, text, &findings)
        }
        try findings.throwIfAny()
        guard let scenario else { preconditionFailure("a scenario was refused without a mistake") }
        return scenario
    }

    private typealias Format = ScenarioFormat

    private static func read(_ root: ConfigFields, _ text: String, _ findings: inout ConfigFindings) -> Scenario? {
        let plan = root.placed(Format.Root.rate).flatMap { readRate($0, &findings) }
        let events = root[Format.Root.events]
        let producer = root[Format.Root.producer]
        let objective = root[Format.Root.objective]
        let workers = root[Format.Root.workers]
        let duration = root[Format.Root.duration]
        let warmup = root[Format.Root.warmup]
        let faults = (root[Format.Root.faults] ?? []).compactMap {
            readFault($0, workers ?? 64, (warmup?.seconds ?? 0) + (duration?.seconds ?? .infinity), &findings)
        }
        let shares = [Format.EventFields.repeats, Format.EventFields.poison].compactMap { value($0, in: events) }
        if shares.reduce(0, +) >= 1 {
            findings.add(
                events?.position ?? root.position, "repeats and poison leave no new events",
                expected: "less than 1 together")
        }
        guard findings.isEmpty, let plan, let name = root[Format.Root.scenario], let about = root[Format.Root.about],
            let topology = root[Format.Root.topology], let schemas = root[Format.Root.schemas],
            let partitions = root[Format.Root.partitions], let workers, let warmup, let duration,
            let patience = root[Format.Root.patience], let session = root[Format.Root.session],
            let kafka = root[Format.Root.kafka], let seed = value(Format.EventFields.seed, in: events),
            let organisations = value(Format.EventFields.organisations, in: events),
            let law = value(Format.EventFields.law, in: events),
            let skew = value(Format.EventFields.skew, in: events),
            let hot = value(Format.EventFields.hot, in: events),
            let repeats = value(Format.EventFields.repeats, in: events),
            let late = value(Format.EventFields.late, in: events),
            let poison = value(Format.EventFields.poison, in: events),
            let acks = value(Format.ProducerFields.acks, in: producer),
            let compression = value(Format.ProducerFields.compression, in: producer),
            let linger = value(Format.ProducerFields.linger, in: producer),
            let p99 = value(Format.ObjectiveFields.p99, in: objective)
        else { return nil }
        return Scenario(
            name: name, about: about, file: findings.file, text: text, topology: topology, schemas: schemas,
            partitions: partitions, workers: workers, warmup: warmup.seconds, duration: duration.seconds,
            patience: patience.seconds, sessionTimeout: session, plan: plan, seed: UInt64(seed),
            organisations: organisations, law: law, skew: skew, hot: hot, repeats: repeats, late: late, poison: poison,
            textBytes: (events?[Format.EventFields.textBytes]).map { Int($0.bytes) }, acks: acks,
            compression: compression, linger: linger, kafka: kafka.map(\.value), faults: faults,
            objective: Scenario.Objective(p99: p99.seconds * 1000), places: places(root))
    }

    private static func places(_ root: ConfigFields) -> Scenario.Places {
        func place<Value>(_ option: ConfigOption<Value>) -> ConfigPosition {
            root.placed(option)?.position ?? root.position
        }
        return Scenario.Places(
            topology: place(Format.Root.topology), schemas: place(Format.Root.schemas), rate: place(Format.Root.rate))
    }

    /// What stands in the group, or the default where there is no group.
    private static func value<Value>(_ option: ConfigOption<Value>, in fields: ConfigFields?) -> Value? {
        fields.map { $0[option] } ?? option.defaultValue
    }

    private static func readRate(_ group: Placed<ConfigFields>, _ findings: inout ConfigFindings) -> RatePlan? {
        let fields = group.value
        guard let shape = fields[Format.RateFields.shape] else { return nil }
        Format.RateFields.kinds.check(fields, shape, "rate", &findings)
        if shape == .trace {
            guard let file = fields[Format.RateFields.file], let speed = fields[Format.RateFields.speed] else {
                return nil
            }
            do throws(WeirError) {
                let trace = try TraceFile.load(path: file, topic: "", columns: [])
                if let plan = RatePlan.replay(trace, speed: speed) { return plan }
                findings.add(group.position, "\(file) has no two times", expected: "expected a longer trace")
            } catch {
                findings.add(group.position, error.message)
            }
            return nil
        }
        guard let rate = fields[Format.RateFields.perSecond] else { return nil }
        switch shape {
        case .constant, .trace: return RatePlan(.constant, rate: rate)
        case .poisson: return RatePlan(.poisson, rate: rate)
        case .bursts:
            guard let peak = fields[Format.RateFields.peak], let every = fields[Format.RateFields.every],
                let length = fields.placed(Format.RateFields.length)
            else { return nil }
            if length.value >= every {
                findings.add(
                    length.position, "a burst is as long as `every`: \(length.value)", expected: "less than \(every)")
            }
            return RatePlan(.bursts(peak: peak, every: every.seconds, length: length.value.seconds), rate: rate)
        case .diurnal:
            guard let swing = fields[Format.RateFields.swing], let period = fields[Format.RateFields.period] else {
                return nil
            }
            return RatePlan(.diurnal(swing: swing, period: period.seconds), rate: rate)
        }
    }

    private static func readFault(
        _ group: Placed<ConfigFields>, _ workers: Int, _ end: Double, _ findings: inout ConfigFindings
    ) -> Scenario.Fault? {
        let fields = group.value
        guard let at = fields.placed(Format.FaultFields.at), let kind = fields[Format.FaultFields.kind],
            let worker = fields.placed(Format.FaultFields.worker), let length = fields[Format.FaultFields.length],
            let delay = fields[Format.FaultFields.delay]
        else { return nil }
        Format.FaultFields.kinds.check(fields, kind, "a fault", &findings)
        if worker.value > workers {
            findings.add(worker.position, "there is no worker \(worker.value)", expected: "1 to \(workers)")
        }
        if at.value.seconds >= end {
            findings.add(at.position, "the run is over by then: \(at.value)", expected: "before \(Int(end)) s")
        }
        return Scenario.Fault(
            at: at.value.seconds, kind: kind, worker: worker.value, length: length.seconds, delay: delay.seconds)
    }
}

extension TimeSpan {
    package var seconds: Double { Double(microseconds) / 1e6 }
}
