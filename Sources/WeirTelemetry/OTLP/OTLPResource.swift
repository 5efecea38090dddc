// Whom telemetry comes from, and the frame that all three signals share:
// https://github.com/open-telemetry/opentelemetry-proto (resource/v1, common/v1).

internal import WeirObserve

/// Attributes of the process.
public struct OTLPResource: Sendable {
    let attributes: [(name: String, value: String)]
    let version: String

    /// - Parameters:
    ///   - service: name of the service, among those of the organisation.
    ///   - instance: tells processes of the service apart.
    public init(service: String, version: String, instance: String, host: String) {
        self.version = version
        attributes = [
            ("service.name", service), ("service.version", version), ("service.instance.id", instance),
            ("host.name", host),
        ]
    }

    /// A request of any signal: resource, scope, and in it what `fill` writes, each under field 2.
    func request(_ fill: (inout ProtobufWriter) -> Void) -> [UInt8] {
        var writer = ProtobufWriter()
        writer.put(1) { signal in
            signal.put(1) { resource in
                for (name, value) in attributes { resource.put(attribute: 1, name, .text(value)) }
            }
            signal.put(2) { scope in
                scope.put(1) { about in
                    about.put(1, "weir")
                    about.put(2, version)
                }
                fill(&scope)
            }
        }
        return writer.bytes
    }
}

extension ProtobufWriter {
    mutating func put(attribute field: Int, _ name: String, _ value: TraceSpan.Value) {
        put(field) { pair in
            pair.put(1, name)
            pair.put(2) { $0.put(value) }
        }
    }

    /// The fields of an `AnyValue`.
    private mutating func put(_ value: TraceSpan.Value) {
        switch value {
        case .text(let text): put(1, text)
        case .flag(let flag): put(2, flag)
        case .integer(let number): put(3, number)
        case .number(let number): put(4, number)
        case .list(let values):
            put(5) { list in
                for value in values { list.put(1) { $0.put(value) } }
            }
        }
    }

    /// Microseconds since 1970 as nanoseconds.
    mutating func put(_ field: Int, microseconds: Int64) {
        put(field, fixed: UInt64(clamping: microseconds) &* 1000)
    }
}
