// Wakes a thread that waits for Kafka and for other threads at once.

internal import CRdkafka
internal import Glibc

/// A pipe that librdkafka writes to when an empty queue gets something, and other threads when they have news.
public final class Waker: Sendable {
    private let reading: Int32
    private let writing: Int32

    public init() {
        var ends: [Int32] = [-1, -1]
        precondition(pipe(&ends) == 0, "no file descriptors left")
        for end in ends {
            _ = fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        (reading, writing) = (ends[0], ends[1])
    }

    deinit {
        Glibc.close(reading)
        Glibc.close(writing)
    }

    func watch(_ queue: OpaquePointer) {
        rd_kafka_queue_io_event_enable(queue, writing, "!", 1)
    }

    /// Ends the wait, or the next one.
    public func wake() {
        var signal: UInt8 = 33
        _ = Glibc.write(writing, &signal, 1)
    }

    /// Waits until there is news or the time is over.
    public func wait(milliseconds: Int32) {
        var descriptor = pollfd(fd: reading, events: Int16(POLLIN), revents: 0)
        if Glibc.poll(&descriptor, 1, milliseconds) > 0 {
            var signals = [UInt8](repeating: 0, count: 64)
            _ = Glibc.read(reading, &signals, signals.count)
        }
    }
}
