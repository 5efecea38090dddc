// A proxy in front of PostgreSQL's socket that drops connections: around COMMIT, after a time, or one of them at its start.

import Foundation
import Synchronization

/// While it is lossy, every fourth COMMIT or so reaches the server, which executes it, but its answer never comes
/// back; as often the COMMIT itself is lost.
final class LossyProxy: Sendable {
    /// Holds the socket: what clients name as host.
    let folder: String
    private let server: String
    private let listener: Int32
    private let lifetime: TimeInterval?
    private let victim: Int?
    private let state = Mutex(State())

    private struct State {
        var dice = Dice()
        var isLossy = true
        var lostReplies = 0
        var lostRequests = 0
        var cutConnections = 0
    }

    private enum Fate {
        case pass, loseReply, loseRequest
    }

    /// - Parameters:
    ///   - lifetime: seconds after which a connection is cut, whatever it is doing; nil for never.
    ///   - victim: the connection, counted from 1, that is cut with its first statement; nil for none.
    init(server: String, lifetime: TimeInterval? = nil, cutting victim: Int? = nil) throws {
        self.server = server
        self.lifetime = lifetime
        self.victim = victim
        var template = Array("/tmp/weir-proxy-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw POSIXError(.EIO) }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        listener = Self.socket()
        let bound = Self.withAddress(folder + "/.s.PGSQL.5432") { bind(listener, $0, $1) }
        guard bound == 0, listen(listener, 50) == 0 else { throw POSIXError(.EADDRINUSE) }
        Self.onThread { [self] in accept() }
    }

    var isLossy: Bool {
        get { state.withLock { $0.isLossy } }
        set { state.withLock { $0.isLossy = newValue } }
    }
    var lostReplies: Int { state.withLock { $0.lostReplies } }
    var lostRequests: Int { state.withLock { $0.lostRequests } }
    var cutConnections: Int { state.withLock { $0.cutConnections } }

    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        try? FileManager.default.removeItem(atPath: folder)
    }

    private func accept() {
        var accepted = 0
        while true {
            let client = Glibc.accept(listener, nil, nil)
            guard client >= 0 else { break }
            accepted += 1
            let isVictim = accepted == victim
            _ = fcntl(client, F_SETFD, FD_CLOEXEC)
            let upstream = Self.socket()
            guard Self.withAddress(server, { connect(upstream, $0, $1) }) == 0 else {
                close(upstream)
                close(client)
                continue
            }
            // Each direction ends when its source or its target does; both sockets stay open until both have ended,
            // and whoever may cut them.
            let open = Counter(lifetime == nil ? 2 : 3) {
                close(client)
                close(upstream)
            }
            if let lifetime {
                Self.onThread { [self] in
                    Thread.sleep(forTimeInterval: lifetime)
                    state.withLock { $0.cutConnections += 1 }
                    shutdown(client, Int32(SHUT_RDWR))
                    open.release()
                }
            }
            Self.onThread { [self] in
                pump(from: client, to: upstream, isVictim: isVictim)
                shutdown(upstream, Int32(SHUT_WR))
                open.release()
            }
            Self.onThread {
                Self.pump(from: upstream, to: client)
                shutdown(client, Int32(SHUT_RDWR))
                open.release()
            }
        }
        close(listener)
    }

    /// From the client to the server, with an eye on COMMIT.
    private func pump(from client: Int32, to upstream: Int32, isVictim: Bool) {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        // The first message opens the session.
        var isOpen = false
        while true {
            let count = read(client, &buffer, buffer.count)
            guard count > 0 else { return }
            let chunk = buffer[..<count]
            if isOpen, isVictim {
                state.withLock { $0.cutConnections += 1 }
                shutdown(client, Int32(SHUT_RDWR))
                return
            }
            isOpen = true
            let fate = chunk.firstRange(of: Array("COMMIT\0".utf8)) == nil ? .pass : draw()
            if fate == .loseRequest {
                shutdown(client, Int32(SHUT_RDWR))
                return
            }
            // Before the server can answer.
            if fate == .loseReply { shutdown(client, Int32(SHUT_RDWR)) }
            guard Self.write(chunk, to: upstream), fate == .pass else { return }
        }
    }

    private func draw() -> Fate {
        state.withLock { state in
            guard state.isLossy else { return .pass }
            switch UInt8.random(in: 0..<8, using: &state.dice) {
            case 0, 1:
                state.lostReplies += 1
                return .loseReply
            case 2, 3:
                state.lostRequests += 1
                return .loseRequest
            default: return .pass
            }
        }
    }

    /// Reads to the end even if nobody takes it: the server must not notice that its answer is lost.
    private static func pump(from upstream: Int32, to client: Int32) {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(upstream, &buffer, buffer.count)
            guard count > 0 else { return }
            _ = write(buffer[..<count], to: client)
        }
    }

    private static func write(_ bytes: ArraySlice<UInt8>, to target: Int32) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(target, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private static func socket() -> Int32 {
        Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    }

    private static func withAddress(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    private static func onThread(_ body: @escaping @Sendable () -> Void) { Thread(block: body).start() }
}

/// Does something once when the last of its users has let go.
private final class Counter: Sendable {
    private let users: Atomic<Int>
    private let atEnd: @Sendable () -> Void

    init(_ users: Int, atEnd: @escaping @Sendable () -> Void) {
        self.users = Atomic(users)
        self.atEnd = atEnd
    }

    func release() {
        if users.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { atEnd() }
    }
}
