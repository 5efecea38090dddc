// Retries, breaker and quotas of a topology file.

extension TopologyReader {
    struct Policies {
        var retries = Retries()
        var breaker = BreakerPolicy()
        var quotas: Quotas?
    }

    /// Nil if something in them is not legible; it is reported then.
    mutating func readPolicies(_ root: ConfigFields) -> Policies? {
        typealias Root = TopologyFormat.Root
        var policies = Policies()
        if root.isGiven(Root.retry) {
            guard let fields = root[Root.retry], let retries = readRetries(fields) else { return nil }
            policies.retries = retries
        }
        if root.isGiven(Root.breaker) {
            typealias Fields = TopologyFormat.BreakerFields
            guard let fields = root[Root.breaker], let percent = fields[Fields.deadLetterPercent],
                let over = fields[Fields.over]
            else { return nil }
            policies.breaker = BreakerPolicy(deadLetterPercent: percent, over: over)
        }
        if root.isGiven(Root.quotas) {
            guard let fields = root[Root.quotas], let quotas = readQuotas(fields) else { return nil }
            policies.quotas = quotas
        }
        return policies
    }

    private mutating func readRetries(_ fields: ConfigFields) -> Retries? {
        typealias Sink = TopologyFormat.SinkRetryFields
        typealias Schema = TopologyFormat.SchemaRetryFields
        var retries = Retries()
        if fields.isGiven(TopologyFormat.RetryFields.sink) {
            guard let sink = fields[TopologyFormat.RetryFields.sink],
                let policy = readWaits(sink, Sink.first, Sink.longest)
            else { return nil }
            retries.sink = policy
        }
        if fields.isGiven(TopologyFormat.RetryFields.schema) {
            guard let schema = fields[TopologyFormat.RetryFields.schema],
                let policy = readWaits(schema, Schema.first, Schema.longest), let deadline = schema[Schema.deadline]
            else { return nil }
            retries.schema = policy
            retries.schemaDeadline = deadline
        }
        return retries
    }

    private mutating func readWaits(
        _ fields: ConfigFields, _ first: ConfigOption<TimeSpan>, _ longest: ConfigOption<TimeSpan>
    ) -> RetryPolicy? {
        guard let start = fields[first], let end = fields[longest] else { return nil }
        if start > end, let position = (fields.placed(first) ?? fields.placed(longest))?.position {
            findings.add(
                position, "the first wait is longer than the longest: \(start)", expected: "expected \(end) at the most"
            )
        }
        return RetryPolicy(first: start, longest: end)
    }

    private mutating func readQuotas(_ fields: ConfigFields) -> Quotas? {
        typealias Fields = TopologyFormat.QuotaFields
        typealias Own = TopologyFormat.OrganisationQuotaFields
        guard let usual = readQuota(fields, Fields.eventsPerSecond, Fields.bytesPerSecond),
            let burst = fields[Fields.burst], let over = fields[Fields.over], let list = fields[Fields.organisations]
        else { return nil }
        refuseRepeats(list.compactMap { $0.value.placed(Own.organisation) }, "organisation", "has two quotas")
        var organisations: [String: Quota] = [:]
        for item in list {
            guard let name = item.value[Own.organisation],
                let quota = readQuota(item.value, Own.eventsPerSecond, Own.bytesPerSecond)
            else { return nil }
            organisations[name] = quota
        }
        return Quotas(usual: usual, organisations: organisations, burst: burst, over: over)
    }

    private func readQuota(
        _ fields: ConfigFields, _ events: ConfigOption<Int>, _ bytes: ConfigOption<ByteSize>
    ) -> Quota? {
        let quota = Quota(eventsPerSecond: fields[events], bytesPerSecond: fields[bytes]?.bytes)
        if quota.eventsPerSecond == nil, fields.isGiven(events) { return nil }
        if quota.bytesPerSecond == nil, fields.isGiven(bytes) { return nil }
        return quota
    }
}
