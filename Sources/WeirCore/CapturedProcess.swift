// Other programs that are run for what they write.

internal import Glibc

/// Reads output and errors as they come and writes the input meanwhile: a program may write more than a pipe holds, to
/// both, before it has read all. Used by one thread.
package final class CapturedProcess {
    package struct Outcome: Equatable, Sendable {
        package let end: ChildProcess.End
        package let output: String
        package let errors: String
    }

    package let child: ChildProcess
    private let command: String
    private var output: Reading
    private var errors: Reading
    /// -1 once all is written.
    private var source: Int32 = -1
    private var unwritten: ArraySlice<UInt8>

    /// - Parameter input: what it reads; it finds the end at once if that is empty. The rest: see `ChildProcess`.
    package init(
        _ program: String, _ arguments: [String] = [], environment: [String: String]? = nil, directory: String? = nil,
        input: String = ""
    ) throws(WeirError) {
        command = ([program] + arguments).joined(separator: " ")
        unwritten = ArraySlice(input.utf8)
        // Ours and the child's of each; the input is a socket, as to write to it raises no SIGPIPE.
        var (outputs, failures, inputs): ([Int32], [Int32], [Int32]) = ([-1, -1], [-1, -1], [-1, -1])
        let areMade =
            pipe(&outputs) == 0 && pipe(&failures) == 0
            && (input.isEmpty || socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &inputs) == 0)
        let code = errno
        defer { for end in [outputs[1], failures[1], inputs[1]] where end >= 0 { close(end) } }
        do throws(WeirError) {
            guard areMade else {
                throw WeirError(.unavailable, "cannot make a pipe for \(program): \(String(cString: strerror(code)))")
            }
            child = try ChildProcess(
                program, arguments, environment: environment, directory: directory,
                input: input.isEmpty ? .nothing : .descriptor(inputs[1]), output: .descriptor(outputs[1]),
                errors: .descriptor(failures[1]))
        } catch {
            for end in [outputs[0], failures[0], inputs[0]] where end >= 0 { close(end) }
            throw error
        }
        output = Reading(descriptor: outputs[0])
        errors = Reading(descriptor: failures[0])
        source = inputs[0]
    }

    deinit { for end in [output.descriptor, errors.descriptor, source] where end >= 0 { close(end) } }

    /// What it has written to standard output so far.
    package func outputSoFar() -> String {
        while exchange(milliseconds: 0) {}
        return output.text
    }

    /// Reads to the end of output and errors and waits for the child's. If that takes too long, it is killed with what
    /// it started, and the error tells the command. What has outlived it by then is left, and the error says so.
    package func wait(seconds: Int) throws(WeirError) -> Outcome {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while output.isOpen || errors.isOpen, ContinuousClock.now < deadline { exchange(milliseconds: 100) }
        let left = max(.zero, deadline - .now).components
        let milliseconds = Int(left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000)
        guard !output.isOpen, !errors.isOpen, let end = child.wait(milliseconds: milliseconds) else {
            let state = child.end.map { "ended with \($0), but what it started holds its output" } ?? "still runs"
            child.signalGroup(SIGKILL)
            _ = child.wait(milliseconds: 10_000)
            throw WeirError(
                .unavailable, "\(command): \(state) after \(seconds) s", advice: outputSoFar() + "\n" + errors.text)
        }
        return Outcome(end: end, output: output.text, errors: errors.text)
    }

    /// Reads and writes what is possible, once; waits so long for something to be so.
    ///
    /// - Returns: whether there was something.
    @discardableResult
    private func exchange(milliseconds: Int32) -> Bool {
        // poll(2) leaves out those that are negative.
        var ends = [
            pollfd(fd: output.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: errors.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: source, events: Int16(POLLOUT), revents: 0),
        ]
        guard poll(&ends, nfds_t(ends.count), milliseconds) > 0 else { return false }
        if ends[0].revents != 0 { output.read() }
        if ends[1].revents != 0 { errors.read() }
        if ends[2].revents != 0 { write() }
        return true
    }

    private func write() {
        let flags = Int32(MSG_NOSIGNAL | MSG_DONTWAIT)
        let count = unwritten.withUnsafeBytes { send(source, $0.baseAddress, $0.count, flags) }
        if count > 0 { unwritten.removeFirst(count) }
        let hasFailed = count < 0 && errno != EAGAIN && errno != EINTR
        guard unwritten.isEmpty || hasFailed else { return }
        close(source)
        source = -1
    }

    private struct Reading {
        /// -1 once all is read.
        var descriptor: Int32
        var bytes: [UInt8] = []

        var isOpen: Bool { descriptor >= 0 }
        var text: String { String(decoding: bytes, as: UTF8.self) }

        mutating func read() {
            var chunk = [UInt8](repeating: 0, count: 65_536)
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count > 0 {
                bytes += chunk[..<count]
            } else if count == 0 || errno != EINTR {
                close(descriptor)
                descriptor = -1
            }
        }
    }
}
