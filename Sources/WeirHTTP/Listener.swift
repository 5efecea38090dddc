// The socket that connections come in at.

import Glibc

/// Closed when the last reference goes.
final class Listener: Sendable {
    private let descriptor: Int32
    let host: String
    let port: Int

    /// - Parameters:
    ///   - host: an IPv4 address of this machine, or `localhost`.
    ///   - port: 0 for one that is free.
    init(host: String, port: Int) throws(HTTPServer.StartError) {
        let number = host == "localhost" ? "127.0.0.1" : host
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        guard inet_pton(AF_INET, number, &address.sin_addr) == 1, let port = UInt16(exactly: port) else {
            throw HTTPServer.StartError(words: "\(host):\(port) is no address; expected one like 127.0.0.1:8081")
        }
        address.sin_port = port.bigEndian
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else {
            throw HTTPServer.StartError(words: "no socket: \(String(cString: strerror(errno)))")
        }
        var one: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, length) == 0 && listen(descriptor, 128) == 0
                    && getsockname(descriptor, generic, &length) == 0
            }
        }
        guard isBound else {
            let words = String(cString: strerror(errno))
            close(descriptor)
            throw HTTPServer.StartError(words: "cannot listen on \(host):\(port): \(words)")
        }
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        self.descriptor = descriptor
        self.host = number
        self.port = Int(UInt16(bigEndian: address.sin_port))
    }

    deinit { close(descriptor) }

    /// The next connection; nil if none came in that time, or there are no descriptors left for one.
    func accept(milliseconds: Int32) -> Socket? {
        var state = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&state, 1, milliseconds) > 0 else { return nil }
        let new = Glibc.accept(descriptor, nil, nil)
        guard new < 0 else {
            _ = fcntl(new, F_SETFD, FD_CLOEXEC)
            return Socket(new)
        }
        // Out of descriptors or memory: it is still in the queue, and asking again at once would only burn the CPU.
        if [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(errno) { poll(nil, 0, 50) }
        return nil
    }
}
