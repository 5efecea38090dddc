// What an exporter keeps, when it tries again, and where it sends.

import Testing
import WeirCore
import WeirObserve
import WeirTelemetry

struct ExportTests {
    @Test func aFullQueueDropsTheNewestAndCounts() {
        let queue = ExportQueue<Int>(capacity: 5)
        queue.put([1, 2, 3])
        queue.put([4, 5, 6, 7])
        queue.put([8])
        #expect(queue.takeAll() == [1, 2, 3, 4, 5])
        #expect(queue.counts.overflow == 3)
        queue.put([9])
        #expect(queue.takeAll() == [9])
        #expect(queue.takeAll() == [])
        queue.count { $0.sent += 6 }
        #expect(queue.counts.sent == 6 && queue.counts.overflow == 3)
    }

    @Test func retriesGrowAndSpread() {
        let pace = ExportPace(every: 1)
        #expect(pace.delay(attempt: 1, asked: nil, spread: 0) == 500_000)
        #expect(pace.delay(attempt: 1, asked: nil, spread: 1) == 1_000_000)
        #expect(pace.delay(attempt: 3, asked: nil, spread: 1) == 4_000_000)
        #expect(pace.delay(attempt: 100, asked: nil, spread: 1) == 30_000_000)
    }

    /// Never sooner than the collector asks, and never so late that telemetry is given up unasked.
    @Test func retryAfterIsHeeded() {
        let pace = ExportPace(every: 1)
        #expect(pace.delay(attempt: 1, asked: 7, spread: 0) == 7_000_000)
        #expect(pace.delay(attempt: 6, asked: 1, spread: 1) == 30_000_000)
        #expect(pace.delay(attempt: 1, asked: 86_400, spread: 0) == 60_000_000)
    }

    @Test func nothingIsSentUnlessSomebodyAsks() throws {
        #expect(try OTLPSettings(option: nil, environment: [:]) == nil)
        #expect(try OTLPSettings(option: nil, environment: ["OTEL_EXPORTER_OTLP_ENDPOINT": ""]) == nil)
    }

    @Test func theEnvironmentIsHonoured() throws {
        let environment = [
            "OTEL_EXPORTER_OTLP_ENDPOINT": "https://collector:4318/otlp/", "OTEL_SERVICE_NAME": "metering",
            "OTEL_EXPORTER_OTLP_HEADERS": "Authorization=Bearer%20a%3Db, X-Scope-OrgID = billing",
        ]
        let settings = try #require(try OTLPSettings(option: nil, environment: environment))
        #expect(settings.endpoint == "https://collector:4318/otlp")
        #expect(settings.service == "metering")
        #expect(settings.headers == ["Authorization: Bearer a=b", "X-Scope-OrgID: billing"])
        let option = try #require(try OTLPSettings(option: "http://127.0.0.1:4318", environment: environment))
        #expect(option.endpoint == "http://127.0.0.1:4318")
    }

    @Test(arguments: ["collector:4318", "grpc://collector:4317", "http://", "ftp://x"])
    func anythingElseIsRefused(address: String) {
        #expect(throws: WeirError.self) { try OTLPSettings(option: address, environment: [:]) }
    }

    /// A line break in a header would begin another.
    @Test(arguments: ["nonsense", "=x", "a=b%0D%0Ac: d"]) func badHeadersAreRefused(headers: String) {
        #expect(throws: WeirError.self) {
            try OTLPSettings(option: "http://x", environment: ["OTEL_EXPORTER_OTLP_HEADERS": headers])
        }
    }
}
