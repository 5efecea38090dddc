// swift-tools-version: 6.2
import PackageDescription

/// Every Swift target of ours: Swift 6 language mode, strict concurrency, and no warning left standing.
var strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    // Functions that return borrowed bytes (RawSpan) need it; swift-collections uses it likewise.
    .enableExperimentalFeature("Lifetimes"),
    .treatAllWarnings(as: .error),
]

/// Set by `make fuzz`: everything is built for libFuzzer and with bounds of memory checked. One flag names both: of two,
/// the compiler heeds the last.
let isFuzzing = Context.environment["WEIR_FUZZ"] != nil
if isFuzzing { strict.append(.unsafeFlags(["-sanitize=fuzzer,address"])) }

let package = Package(
    name: "weir",
    products: [
        .executable(name: "weir", targets: ["weir"]),
        .library(name: "WeirCore", targets: ["WeirCore"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.3"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    ],
    targets: [
        .systemLibrary(name: "CRdkafka", pkgConfig: "rdkafka", providers: [.apt(["librdkafka-dev"])]),
        .systemLibrary(name: "CAvro", pkgConfig: "avro-c", providers: [.apt(["libavro-dev"])]),
        .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CJansson", pkgConfig: "jansson", providers: [.apt(["libjansson-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CSnappy", pkgConfig: "snappy", providers: [.apt(["libsnappy-dev"])]),
        .systemLibrary(
            name: "CTcmalloc", pkgConfig: "libtcmalloc_minimal", providers: [.apt(["libgoogle-perftools-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),

        .target(name: "CPrefetch"),
        .target(name: "CSpawn"),
        .target(
            name: "WeirCore", dependencies: ["CPrefetch", "CSpawn", .product(name: "Yams", package: "Yams")],
            swiftSettings: strict),
        .target(
            name: "WeirAvro",
            dependencies: [
                "WeirCore", "CJansson", "CZlib", "CSnappy", "CZstd", .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict
        ),
        .target(name: "WeirKafka", dependencies: ["WeirCore", "CRdkafka"], swiftSettings: strict),
        .target(name: "WeirPostgres", dependencies: ["WeirCore", "CPostgres"], swiftSettings: strict),
        .target(name: "WeirObserve", dependencies: ["WeirCore"], swiftSettings: strict),
        .target(
            name: "WeirRuntime",
            dependencies: [
                "WeirCore", "WeirAvro", "WeirKafka", "WeirPostgres", "WeirObserve",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
                .product(name: "Histogram", package: "hdrhistogram-swift"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "WeirHTTP",
            dependencies: [
                "CCurl", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "WeirTelemetry",
            dependencies: [
                "WeirCore", "WeirObserve", "CCurl", .product(name: "Logging", package: "swift-log"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ],
            swiftSettings: strict),
        .target(
            name: "WeirRegistry",
            dependencies: [
                "WeirCore", "WeirAvro", "WeirHTTP", .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ],
            swiftSettings: strict),
        .target(
            name: "WeirBench",
            dependencies: [
                "WeirCore", "WeirAvro", "WeirKafka", .product(name: "Histogram", package: "hdrhistogram-swift"),
            ],
            swiftSettings: strict
        ),
        .target(name: "WeirLag", dependencies: ["WeirCore", "WeirKafka", "WeirObserve"], swiftSettings: strict),
        .target(
            name: "WeirConsole", dependencies: ["WeirCore", "WeirObserve"],
            // In the binary: the page needs no file beside it.
            resources: [
                "index.html", "console.css", "console.js", "dom.js", "format.js", "graph.js", "chart.js", "topology.js",
                "tables.js", "letters.js",
            ].map { .embedInCode("Page/\($0)") }, swiftSettings: strict),
        .executableTarget(
            name: "weir",
            dependencies: [
                "WeirCore", "WeirAvro", "WeirKafka", "WeirPostgres", "WeirRuntime", "WeirBench", "WeirRegistry",
                "WeirHTTP", "WeirLag", "WeirObserve", "WeirConsole", "WeirTelemetry",
                // Its malloc for all: librdkafka's thread allocates what the worker's frees, and glibc has them wait
                // for each other (bench/README.md).
                "CTcmalloc",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
                .product(name: "Histogram", package: "hdrhistogram-swift"),
            ],
            swiftSettings: strict
        ),

        .target(
            name: "DecodeLoop", dependencies: ["CAvro"], path: "bench/decode/Loop",
            cSettings: [.unsafeFlags(["-O3", "-march=native"])]),
        .executableTarget(
            name: "decode-bench", dependencies: ["DecodeLoop", "WeirAvro", "WeirCore"], path: "bench/decode/Bench",
            swiftSettings: strict),
        .executableTarget(
            name: "micro-bench",
            dependencies: ["WeirCore", "WeirAvro", "WeirKafka", "WeirPostgres", "WeirRuntime", "WeirBench"],
            path: "bench/micro/Bench", swiftSettings: strict),

        .target(name: "TestSupport", dependencies: ["WeirCore"], path: "Tests/Support", swiftSettings: strict),
        .testTarget(name: "WeirCoreTests", dependencies: ["WeirCore", "TestSupport"], swiftSettings: strict),
        .target(
            name: "AvroFuzzing", dependencies: ["WeirAvro", "WeirCore"], path: "Tests/Fuzz/Targets",
            swiftSettings: strict),
        .testTarget(
            name: "WeirAvroTests", dependencies: ["WeirAvro", "WeirCore", "AvroFuzzing", "CAvro", "TestSupport"],
            exclude: ["Corpus", "Oracles/fastavro_oracle.py", "Oracles/avro_oracle.py", "Oracles/AvroOracle.java"],
            swiftSettings: strict),
        .testTarget(
            name: "WeirLagTests", dependencies: ["WeirLag", "WeirCore", "WeirKafka", "WeirObserve", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "WeirObserveTests", dependencies: ["WeirObserve", "WeirCore", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "WeirConsoleTests", dependencies: ["WeirConsole", "WeirObserve", "WeirCore"],
            swiftSettings: strict),
        .testTarget(
            name: "WeirTelemetryTests",
            dependencies: [
                "WeirTelemetry", "WeirObserve", "WeirCore", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ],
            swiftSettings: strict),
        .testTarget(name: "WeirHTTPTests", dependencies: ["WeirHTTP", "WeirCore"], swiftSettings: strict),
        .testTarget(
            name: "WeirRegistryTests",
            dependencies: [
                "WeirRegistry", "WeirHTTP", "WeirAvro", "WeirCore", "WeirObserve", "WeirTelemetry",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "WeirRuntimeTests",
            dependencies: [
                "WeirRuntime", "WeirAvro", "WeirCore", "WeirKafka", "WeirObserve", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "WeirBenchTests",
            dependencies: [
                "WeirBench", "WeirCore", "WeirAvro", "WeirKafka", "TestSupport",
                .product(name: "Histogram", package: "hdrhistogram-swift"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "Simulation", dependencies: ["WeirRuntime", "WeirAvro", "WeirCore", "WeirKafka"],
            exclude: ["Fixture"], swiftSettings: strict),
        .testTarget(
            name: "Integration",
            dependencies: [
                "WeirCore", "WeirAvro", "WeirKafka", "WeirPostgres", "WeirRuntime", "WeirBench", "WeirRegistry",
                "TestSupport",
                "WeirObserve", "WeirTelemetry", .product(name: "Logging", package: "swift-log"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ],
            exclude: ["MUTATIONS.md", "Clients", "Support/broken.sql"],
            swiftSettings: strict
        ),
    ]
)

if isFuzzing {
    package.targets.append(
        .executableTarget(
            name: "weir-fuzz", dependencies: ["AvroFuzzing"], path: "Tests/Fuzz/Main",
            swiftSettings: strict,
            // The default linker, gold, fails on what the sanitizers add.
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address", "-use-ld=lld"])]))
}
