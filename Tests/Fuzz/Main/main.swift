// Runs libFuzzer on what is fuzzed, or on inputs for $WEIR_FUZZ_TARGET only; built by `make fuzz` only.

import AvroFuzzing
import Foundation

/// libFuzzer's own entry, for programs that have a `main` (compiler-rt, `FuzzerInterface.h`).
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ one: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

private let only = ProcessInfo.processInfo.environment["WEIR_FUZZ_TARGET"].flatMap(FuzzTarget.init(rawValue:))
var count = CommandLine.argc
var arguments = CommandLine.unsafeArgv
exit(
    runDriver(&count, &arguments) { start, size in
        let input = Array(UnsafeBufferPointer(start: start, count: size))
        // -1 keeps an input for another target out of the corpus.
        if let only, FuzzTarget(input) != only { return -1 }
        FuzzTarget.run(input)
        return 0
    })
