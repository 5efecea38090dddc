// Wakes a thread that waits for Kafka and for another file descriptor at once.

internal import CRdkafka
internal import Glibc

/// A pipe that librdkafka writes to when an empty queue gets something.
public struct Waker: ~Copyable {
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

    /// Waits until Kafka has something, the other descriptor is ready, or the time is over.
    public func wait(other: Int32?, forWriting: Bool = false, milliseconds: Int32) {
        var descriptors = [pollfd(fd: reading, events: Int16(POLLIN), revents: 0)]
        if let other {
            descriptors.append(
                pollfd(fd: other, events: Int16(POLLIN) | (forWriting ? Int16(POLLOUT) : 0), revents: 0))
        }
        if Glibc.poll(&descriptors, nfds_t(descriptors.count), milliseconds) > 0, descriptors[0].revents != 0 {
            var signals = [UInt8](repeating: 0, count: 64)
            _ = Glibc.read(reading, &signals, signals.count)
        }
    }
}
