// A source compiled for the hot path: which fields to decode, and which of them each meter uses.

/// The fields of one source in the order the decoder yields them, and what to do with each. A class, as are its meters:
/// every record uses it, and a struct of this size was copied, and all it refers to retained, for each.
public final class SourcePlan: Sendable {
    public final class MeterPlan: Sendable {
        /// Index into the topology's meters.
        public let meter: Int
        public let name: String
        public let aggregate: Aggregate
        /// Index of the measure in `requests`; nil for `count`.
        public let field: Int?
        /// Indexes of the dimensions in `requests`.
        public let groupBy: [Int]
        public let window: WindowSize

        fileprivate init(number: Int, meter: Meter, field: Int?, groupBy: [Int]) {
            self.meter = number
            name = meter.name
            aggregate = meter.aggregate
            self.field = field
            self.groupBy = groupBy
            window = meter.window
        }
    }

    public let source: Source
    public let requests: [FieldRequest]
    public let key: Int
    public let organisation: Int
    public let idempotencyKey: Int
    public let time: Int
    /// Indexes of the extents that a payload's fingerprint leaves out.
    public let ignoring: [Int]
    public let meters: [MeterPlan]

    public init(source: Source, topology: Topology) {
        var requests: [FieldRequest] = []
        func index(_ path: FieldPath, _ use: FieldRequest.Use) -> Int {
            let request = FieldRequest(path, use)
            if let known = requests.firstIndex(of: request) { return known }
            requests.append(request)
            return requests.count - 1
        }
        self.source = source
        key = index(source.key, .identity)
        organisation = index(source.organisation, .identity)
        idempotencyKey = index(source.idempotency.field, .identity)
        time = index(source.time.field, .time)
        ignoring = source.idempotency.ignoring.map { index($0, .extent) }
        meters = topology.meters.enumerated().filter { $0.element.source == source.topic }.map { number, meter in
            MeterPlan(
                number: number, meter: meter,
                field: meter.field.map { index($0, meter.aggregate == .unique ? .identity : .measure) },
                groupBy: meter.groupBy.map { index($0, .identity) })
        }
        self.requests = requests
    }
}
