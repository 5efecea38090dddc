// One TCP connection, with deadlines; the only file that reads and writes descriptors.

import Glibc

/// Closed when the last reference goes. Used by one thread at a time.
final class Socket: Sendable {
    enum Failure: Error {
        /// The other side closed, or the connection broke.
        case closed
        case timedOut
    }

    private let descriptor: Int32

    /// Takes the descriptor over.
    init(_ descriptor: Int32) {
        self.descriptor = descriptor
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        var one: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    }

    deinit { close(descriptor) }

    /// Reads what is there, at least one byte.
    func read(into buffer: inout [UInt8], most: Int, until deadline: ContinuousClock.Instant) throws(Failure) {
        while true {
            try wait(for: Int16(POLLIN), until: deadline)
            var count = 0
            let before = buffer.count
            buffer.append(contentsOf: repeatElement(0, count: most))
            buffer.withUnsafeMutableBytes { bytes in
                count = recv(descriptor, bytes.baseAddress.map { $0 + before }, most, 0)
            }
            let error = errno
            buffer.removeSubrange((before + max(0, count))...)
            if count > 0 { return }
            if count == 0 { throw .closed }
            if error != EAGAIN, error != EINTR { throw .closed }
        }
    }

    func write(_ bytes: [UInt8], until deadline: ContinuousClock.Instant) throws(Failure) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { all in
                send(descriptor, all.baseAddress.map { $0 + sent }, all.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count > 0 {
                sent += count
            } else if errno == EAGAIN {
                try wait(for: Int16(POLLOUT), until: deadline)
            } else if errno != EINTR {
                throw .closed
            }
        }
    }

    /// Nothing more is written; what the other side still sends is read and dropped for a moment, so that the answer
    /// is not lost to a reset.
    func finish(until deadline: ContinuousClock.Instant) {
        shutdown(descriptor, Int32(SHUT_WR))
        var dropped: [UInt8] = []
        while (try? read(into: &dropped, most: 65_536, until: deadline)) != nil {
            dropped.removeAll(keepingCapacity: true)
        }
    }

    private func wait(for events: Int16, until deadline: ContinuousClock.Instant) throws(Failure) {
        while true {
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else { throw .timedOut }
            var state = pollfd(fd: descriptor, events: events, revents: 0)
            let found = poll(&state, 1, Int32(min(60_000, left / .milliseconds(1) + 1)))
            if found > 0 { return }
            if found < 0, errno != EINTR { throw .closed }
        }
    }
}
