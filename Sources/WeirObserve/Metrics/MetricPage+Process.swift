// The process itself as metrics.

/// What `/proc/self` says.
public struct ProcessUsage: Sendable {
    /// User and system time, in seconds.
    public var cpu: Double
    public var residentBytes: Int64
    /// Seconds since 1970.
    public var startedAt: Double
    public var openFiles: Int

    public init(cpu: Double, residentBytes: Int64, startedAt: Double, openFiles: Int) {
        self.cpu = cpu
        self.residentBytes = residentBytes
        self.startedAt = startedAt
        self.openFiles = openFiles
    }
}

extension MetricPage {
    public mutating func add(version: String, librdkafka: String, isReady: Bool, usage: ProcessUsage?) {
        add(MetricCatalogue.build, [version, librdkafka], 1)
        add(MetricCatalogue.ready, [], isReady ? 1 : 0)
        guard let usage else { return }
        add(MetricCatalogue.processCPU, [], usage.cpu)
        add(MetricCatalogue.processMemory, [], usage.residentBytes)
        add(MetricCatalogue.processStart, [], usage.startedAt)
        add(MetricCatalogue.processFiles, [], usage.openFiles)
    }
}
