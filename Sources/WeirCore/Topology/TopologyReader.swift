// Fields that are well-formed one by one into a topology that makes sense as a whole.

/// Builds the topology and checks what concerns several fields at once. Anything that could not be
/// built has left a mistake in `findings`.
struct TopologyReader {
    private typealias Format = TopologyFormat

    var findings: ConfigFindings
    private var fieldUses: [FieldUse] = []
    private var positions: [TopologyPart: ConfigPosition] = [:]

    init(findings: ConfigFindings) { self.findings = findings }

    mutating func read(_ root: ConfigFields) -> LoadedTopology? {
        let name = root[Format.Root.topology]
        positions[.topology] = root.placed(Format.Root.topology)?.position
        let sources = root[Format.Root.sources].map { readSources($0) }
        let meters = root[Format.Root.meters].map { readMeters($0, of: root[Format.Root.sources] ?? []) }
        let outputs = root[Format.Root.outputs].flatMap { readOutputs($0) }
        let limits = readLimits(root)
        let policies = readPolicies(root)
        if let sources, let outputs { refuseLoop(from: outputs, to: sources) }

        let objective = root[Format.Root.objective]
        guard findings.isEmpty, let name, let objective, let version = root[Format.Root.version], let sources,
            let meters, let outputs,
            let limits, let policies
        else { return nil }
        refuseUnused(sources, meters)
        let topology = Topology(
            name: name, version: version, group: root[Format.Root.group] ?? "weir.\(name)", sources: sources,
            meters: meters, outputs: outputs, limits: limits, retries: policies.retries, breaker: policies.breaker,
            quotas: policies.quotas, objective: objective)
        let uses = fieldUses.enumerated().sorted {
            ($0.element.position, $0.offset) < ($1.element.position, $1.offset)
        }
        return LoadedTopology(
            topology: topology, file: findings.file, fieldUses: uses.map(\.element), positions: positions)
    }

    // MARK: Sources

    private mutating func readSources(_ groups: [Placed<ConfigFields>]) -> [Source] {
        refuseRepeats(groups.compactMap { $0.value.placed(Format.SourceFields.topic) }, "source", "is given twice")
        return groups.compactMap { readSource($0.value) }
    }

    private mutating func readSource(_ fields: ConfigFields) -> Source? {
        let idempotencyFields = fields[Format.SourceFields.idempotency]
        let timeFields = fields[Format.SourceFields.time]
        if let ignoring = idempotencyFields?[Format.IdempotencyFields.ignoring] {
            refuseRepeats(ignoring, "field", "is ignored twice")
        }
        guard let topic = fields.placed(Format.SourceFields.topic),
            let organisation = fields.placed(Format.SourceFields.organisation),
            let idempotencyFields, let timeFields,
            let idempotency = readIdempotency(idempotencyFields, of: topic.value),
            let time = readTime(timeFields, of: topic.value), let onGap = fields[Format.SourceFields.onGap]
        else { return nil }
        let key = fields.placed(Format.SourceFields.key)
        if key == nil, fields.isGiven(Format.SourceFields.key) { return nil }
        let schema = fields.placed(Format.SourceFields.schema)
        if schema == nil, fields.isGiven(Format.SourceFields.schema) { return nil }

        positions[.source(topic.value)] = topic.position
        positions[.schema(source: topic.value)] = schema?.position ?? topic.position
        use(organisation, .identity, of: topic.value, as: "organisation of the source")
        if let key { use(key, .identity, of: topic.value, as: "key of the source") }
        return Source(
            topic: topic.value, schema: schema?.value ?? topic.value, key: key?.value ?? organisation.value,
            organisation: organisation.value, idempotency: idempotency, time: time, onGap: onGap)
    }

    private mutating func readIdempotency(_ fields: ConfigFields, of topic: String) -> Idempotency? {
        guard let field = fields.placed(Format.IdempotencyFields.field),
            let retention = fields[Format.IdempotencyFields.retention],
            let ignoring = fields[Format.IdempotencyFields.ignoring]
        else { return nil }
        use(field, .identity, of: topic, as: "idempotency key")
        for item in ignoring { use(item, .extent, of: topic, as: "ignored in repeats") }
        return Idempotency(field: field.value, retention: retention, ignoring: ignoring.map(\.value))
    }

    private mutating func readTime(_ fields: ConfigFields, of topic: String) -> EventTime? {
        guard let field = fields.placed(Format.TimeFields.field), let earliest = fields[Format.TimeFields.earliest],
            let ahead = fields[Format.TimeFields.ahead], let grace = fields[Format.TimeFields.grace]
        else { return nil }
        use(field, .time, of: topic, as: "event time")
        return EventTime(field: field.value, earliest: earliest, ahead: ahead, grace: grace)
    }

    // MARK: Meters

    private mutating func readMeters(_ groups: [Placed<ConfigFields>], of sources: [Placed<ConfigFields>]) -> [Meter] {
        refuseRepeats(groups.compactMap { $0.value.placed(Format.MeterFields.name) }, "meter", "is given twice")
        return groups.compactMap { readMeter($0.value, of: sources.map(\.value)) }
    }

    private mutating func readMeter(_ fields: ConfigFields, of sources: [ConfigFields]) -> Meter? {
        let name = fields.placed(Format.MeterFields.name)
        let source = fields.placed(Format.MeterFields.source)
        let aggregate = fields[Format.MeterFields.aggregate]
        let groupBy = fields[Format.MeterFields.groupBy]
        let title = name.map { "meter '\($0.value)'" } ?? "the meter"
        let field = fields.placed(Format.MeterFields.field)

        if let aggregate { checkMeasure(aggregate, of: fields, title) }
        if let groupBy { refuseRepeats(groupBy, "field", "is grouped by twice") }
        if let source { checkSource(source, of: fields, groupBy, title, sources) }

        guard let name, let source, let aggregate, let groupBy, let window = fields[Format.MeterFields.window] else {
            return nil
        }
        positions[.meter(name.value)] = name.position
        if let field {
            use(field, aggregate == .unique ? .identity : .measure, of: source.value, as: "measure of \(title)")
        }
        for item in groupBy { use(item, .identity, of: source.value, as: "group of \(title)") }
        return Meter(
            name: name.value, source: source.value, aggregate: aggregate, field: field?.value,
            groupBy: groupBy.map(\.value), window: window)
    }

    private mutating func checkMeasure(_ aggregate: Aggregate, of fields: ConfigFields, _ title: String) {
        let option = Format.MeterFields.field
        if aggregate == .count, let field = fields.placed(option) {
            findings.add(
                field.position, "\(title) counts records, so it has no field",
                expected: "expected no field, or another aggregate")
        } else if aggregate != .count, !fields.isGiven(option) {
            findings.add(
                fields.position, "missing field 'field' in \(title)",
                expected: "\(aggregate.rawValue) needs a field to measure")
        }
    }

    private mutating func checkSource(
        _ source: Placed<String>, of meter: ConfigFields, _ groupBy: [Placed<FieldPath>]?, _ title: String,
        _ sources: [ConfigFields]
    ) {
        let topics = sources.compactMap { $0[Format.SourceFields.topic] }
        // A source without a legible topic is reported already; the meter may well mean that one.
        guard !sources.isEmpty, topics.count == sources.count else { return }
        guard let index = sources.firstIndex(where: { $0[Format.SourceFields.topic] == source.value }) else {
            findings.add(
                source.position,
                "\(title) reads unknown source '\(source.value)'\(Suggestion.text(for: source.value, among: topics))",
                expected: "known: " + topics.joined(separator: ", "))
            return
        }
        let organisation = sources[index][Format.SourceFields.organisation]
        for item in groupBy ?? [] where item.value == organisation {
            findings.add(
                item.position, "\(title) groups by '\(item.value)', the organisation",
                expected: "every result is per organisation already")
        }
    }

    // MARK: Outputs and limits

    private mutating func readOutputs(_ fields: ConfigFields) -> Outputs? {
        let topic = fields.placed(Format.OutputFields.topic)
        guard let table = fields.placed(Format.OutputFields.table),
            let schema = fields.placed(Format.OutputFields.schema)
        else { return nil }
        let lag = fields.placed(Format.OutputFields.lag)
        if topic == nil, fields.isGiven(Format.OutputFields.topic) { return nil }
        if lag == nil, fields.isGiven(Format.OutputFields.lag) { return nil }
        positions[.outputTable] = table.position
        positions[.outputTopic] = topic?.position ?? fields.position
        positions[.outputSchema] = schema.position
        positions[.outputLag] = lag?.position ?? fields.position
        return Outputs(table: table.value, topic: topic?.value, schema: schema.value, lag: lag?.value)
    }

    private mutating func readLimits(_ root: ConfigFields) -> Limits? {
        guard root.isGiven(Format.Root.limits) else { return Limits() }
        guard let fields = root[Format.Root.limits], let records = fields[Format.LimitFields.batchRecords],
            let batch = fields[Format.LimitFields.batchBytes],
            let record = fields.placed(Format.LimitFields.recordBytes), let drain = fields[Format.LimitFields.drain]
        else { return nil }
        if record.value > batch {
            findings.add(
                record.position, "record_bytes is larger than batch_bytes: \(record.value)",
                expected: "expected \(batch) at the most")
        }
        let partitionRecords = fields[Format.LimitFields.partitionRecords]
        let partitionBytes = fields[Format.LimitFields.partitionBytes]
        if partitionRecords == nil, fields.isGiven(Format.LimitFields.partitionRecords) { return nil }
        if partitionBytes == nil, fields.isGiven(Format.LimitFields.partitionBytes) { return nil }
        return Limits(
            batchRecords: records, batchBytes: batch.bytes, recordBytes: record.value.bytes,
            partitionRecords: partitionRecords, partitionBytes: partitionBytes?.bytes, drain: drain)
    }

    // MARK: Checks of the whole

    private mutating func refuseLoop(from outputs: Outputs, to sources: [Source]) {
        refuseLoop(to: outputs.topic, at: .outputTopic, from: sources)
        refuseLoop(to: outputs.lag, at: .outputLag, from: sources)
        if let lag = outputs.lag, lag == outputs.topic, let position = positions[.outputLag] {
            findings.add(position, "'\(lag)' takes the results", expected: "expected another topic")
        }
    }

    private mutating func refuseLoop(to topic: String?, at part: TopologyPart, from sources: [Source]) {
        guard let topic, let position = positions[part] else { return }
        if sources.contains(where: { $0.topic == topic }) {
            findings.add(
                position, "the topology writes to '\(topic)', which it reads", expected: "expected another topic")
        }
        if sources.contains(where: { $0.topic + ".dlq" == topic }) {
            findings.add(
                position, "'\(topic)' takes the dead letters of a source", expected: "expected another topic")
        }
    }

    private mutating func refuseUnused(_ sources: [Source], _ meters: [Meter]) {
        for source in sources where !meters.contains(where: { $0.source == source.topic }) {
            guard let position = positions[.source(source.topic)] else { continue }
            findings.add(
                position, "no meter reads source '\(source.topic)'", expected: "expected a meter, or no such source")
        }
    }

    mutating func refuseRepeats<Name: Hashable>(_ names: [Placed<Name>], _ kind: String, _ problem: String) {
        var lines: [Name: Int] = [:]
        for name in names {
            if let line = lines[name.value] {
                findings.add(name.position, "\(kind) '\(name.value)' \(problem)", expected: "first on line \(line)")
            } else {
                lines[name.value] = name.position.line
            }
        }
    }

    private mutating func use(
        _ field: Placed<FieldPath>, _ use: FieldRequest.Use, of topic: String, as role: String
    ) {
        let request = FieldRequest(field.value, use)
        let isKnown = fieldUses.contains {
            $0.source == topic && $0.request == request && $0.position == field.position
        }
        if isKnown { return }
        fieldUses.append(FieldUse(source: topic, request: request, role: role, position: field.position))
    }
}
