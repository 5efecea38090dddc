// When an event is to have happened, and what a trace says of it.

/// An event's turn: its time in microseconds, and numbers for the fields of a trace.
struct EventMoment {
    var time: Int64
    var traced: [Int64] = []
}
