// The entry that libFuzzer calls; built by `make fuzz` only.

import AvroFuzzing

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    FuzzTarget.run(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}
