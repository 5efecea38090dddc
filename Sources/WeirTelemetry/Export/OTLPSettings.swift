// Where telemetry goes, by the names that OpenTelemetry gave to environment variables:
// https://opentelemetry.io/docs/specs/otel/protocol/exporter/.

internal import Foundation
public import WeirCore

public struct OTLPSettings: Sendable {
    /// Without a slash at its end; `/v1/traces` and the like come after it.
    package let endpoint: String
    /// As they go over the wire: `name: value`.
    package let headers: [String]
    public let service: String

    /// Nil if nobody asked for telemetry.
    ///
    /// - Parameter option: of the command line; it wins over `OTEL_EXPORTER_OTLP_ENDPOINT`.
    public init?(option: String?, environment: [String: String]) throws(WeirError) {
        guard let text = option ?? environment["OTEL_EXPORTER_OTLP_ENDPOINT"], !text.isEmpty else { return nil }
        guard let url = URL(string: text), url.scheme == "http" || url.scheme == "https", url.host?.isEmpty == false
        else {
            throw WeirError(
                .usage, "'\(text)' is no address of a collector",
                advice: "--otlp and OTEL_EXPORTER_OTLP_ENDPOINT take a URL for OTLP over HTTP: http://localhost:4318")
        }
        endpoint = text.hasSuffix("/") ? String(text.dropLast()) : text
        service = environment["OTEL_SERVICE_NAME"].flatMap { $0.isEmpty ? nil : $0 } ?? "weir"
        var headers: [String] = []
        for pair in (environment["OTEL_EXPORTER_OTLP_HEADERS"] ?? "").split(separator: ",") {
            let parts = pair.split(separator: "=", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            guard parts.count == 2, !parts[0].isEmpty, let value = parts[1].removingPercentEncoding,
                !value.contains(where: \.isNewline)
            else {
                throw WeirError(
                    .usage, "OTEL_EXPORTER_OTLP_HEADERS is not a list of name=value",
                    advice: "As in: Authorization=Bearer%20abc,X-Scope-OrgID=billing")
            }
            headers.append("\(parts[0]): \(value)")
        }
        self.headers = headers
    }
}
