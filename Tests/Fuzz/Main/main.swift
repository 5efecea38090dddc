// Runs libFuzzer on what is fuzzed; built by `make fuzz` only.

import AvroFuzzing
import Foundation

/// libFuzzer's own entry, for programs that have a `main` (compiler-rt, `FuzzerInterface.h`).
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ one: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

var count = CommandLine.argc
var arguments = CommandLine.unsafeArgv
exit(
    runDriver(&count, &arguments) { start, size in
        FuzzTarget.run(Array(UnsafeBufferPointer(start: start, count: size)))
        return 0
    })
