// Both clocks at one moment: everything that decides is told the time and never asks for it.

/// Microseconds. Tests and the simulator make their own.
package struct Moment: Sendable, Equatable {
    /// Since 1970; may jump.
    package var wall: Int64
    /// Since some moment; never set back.
    package var monotonic: Int64

    package init(wall: Int64, monotonic: Int64) {
        self.wall = wall
        self.monotonic = monotonic
    }

    static func now() -> Moment { Moment(wall: WallClock.now(), monotonic: WallClock.monotonic()) }
}
