// One step of a decode plan.

/// A step: what to do, for which slot of the output, with up to three numbers whose meaning the code gives.
struct Op: BitwiseCopyable, Sendable {
    /// The codes up to `readEnum` begin with a variable-length number, which the loop reads before it looks closer.
    enum Code: UInt8 {
        case skipInt
        case skipLong
        /// Bytes or a string.
        case skipBytes
        /// A union of bytes or string with null, which is branch `a`.
        case skipOptionalBytes
        /// An enum of `a` symbols.
        case skipEnum

        /// A union of null and one type: on null, branch `b`, goes on at `a`; else with the next op.
        case optional
        /// A union of `a` branches; as many jumps follow.
        case union
        /// A map's key: `a` ops of code `key` follow; if none matches, goes on after them.
        case selectKey

        case readInt
        case readLong
        /// Milliseconds, stored as microseconds.
        case readMillis
        /// The same, of an int.
        case readIntMillis
        case readBytes
        case readString
        /// An enum of `b` symbols whose names the plan's symbols list from `a` on.
        case readEnum

        /// Ends the program, a routine, or one item of an array or map.
        case end
        /// Goes on at `a`.
        case jump
        /// Runs the routine at `a`, one level deeper.
        case call
        /// Fails: the value is of a branch that the reader cannot take.
        case refuse

        case skipBoolean
        /// `a` bytes.
        case skipFixed

        /// Blocks of items of at least `b` bytes; each runs the ops that follow, and the rest goes on at `a`.
        case array
        /// A map of bytes or strings, the usual kind: `a` ops of code `key` follow, whose `slot` takes the
        /// entry's value, checked to be UTF-8 where `c` is 1.
        case bytesMap
        /// Matches the constants at `a`, `b` bytes long; goes on at `c`.
        case key

        case setNull
        case readBoolean
        /// `a` bytes.
        case readFixed
        /// Takes preset `a`.
        case constant
        /// Takes the value of slot `a`.
        case copy
        case beginExtent
        case endExtent
    }

    var code: Code
    var slot: UInt32 = 0
    var a: UInt32 = 0
    var b: UInt32 = 0
    var c: UInt32 = 0

    init(_ code: Code, slot: Int = 0, a: Int = 0, b: Int = 0, c: Int = 0) {
        self.code = code
        self.slot = UInt32(slot)
        self.a = UInt32(a)
        self.b = UInt32(b)
        self.c = UInt32(c)
    }
}
