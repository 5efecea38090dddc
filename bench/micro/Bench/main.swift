// Runs one micro-benchmark: bench/micro/check.sh runs each under callgrind and compares instructions per record.
//
//   micro-bench                     the names of all
//   micro-bench NAME [RECORDS]      prints: name, records, nanoseconds a record (of this one pass), a note

import Foundation

do {
    let arguments = CommandLine.arguments.dropFirst()
    guard let name = arguments.first else {
        for benchmark in Benchmark.all { print(benchmark.name) }
        exit(0)
    }
    guard let benchmark = Benchmark.all.first(where: { $0.name == name }), arguments.count <= 2 else {
        throw Misuse("no benchmark is called \(name); without arguments micro-bench names them")
    }
    let records = arguments.count == 2 ? arguments.last.flatMap { Int($0) } ?? 0 : benchmark.usual
    guard records > 0 else { throw Misuse("RECORDS is a number above 0") }
    let pass = try benchmark.run(records)
    print("\(name)\t\(pass.records)\t\(pass.time / .nanoseconds(1) / Double(pass.records))\t\(pass.note)")
} catch {
    FileHandle.standardError.write(Data("micro-bench: \(error)\n".utf8))
    exit(error is Misuse ? 64 : 70)
}
