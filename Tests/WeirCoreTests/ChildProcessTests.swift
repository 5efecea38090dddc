// Children of this process: how they end, what reaches them, and that nothing else does.

import Foundation
import Synchronization
import Testing
import WeirCore

struct ChildProcessTests {
    private func shell(_ script: String) throws -> CapturedProcess.Outcome {
        try CapturedProcess("/bin/sh", ["-c", script]).wait(seconds: 60)
    }

    /// Should a test fail to end it, it does not hold the tests' output.
    private func sleeper() throws -> ChildProcess {
        try ChildProcess("sleep", ["1000"], output: .nothing, errors: .nothing)
    }

    // MARK: Ends

    @Test func anExitCodeIsNoSignal() throws {
        let ends = try ["exit 0", "exit 9", "kill -9 $$", "kill -15 $$"].map { try shell($0).end }
        #expect(ends == [.status(0), .status(9), .signal(9), .signal(15)])
        #expect(ends.map(\.description) == ["exit code 0", "exit code 9", "signal 9", "signal 15"])
        #expect(ends.map(\.code) == [0, 9, -9, -15])
    }

    @Test func whatCannotBeStartedIsNamed() {
        for program in ["weir-no-such-program", "/nonexistent/program"] {
            #expect {
                try ChildProcess(program, [])
            } throws: {
                ($0 as? WeirError)?.message == "cannot start \(program): No such file or directory"
            }
        }
        #expect {
            try ChildProcess("true", [], directory: "/nonexistent")
        } throws: {
            ($0 as? WeirError)?.message == "cannot start true in /nonexistent: No such file or directory"
        }
        #expect(throws: WeirError.self) { try ChildProcess("/etc/passwd", []) }
    }

    @Test func aSignalReachesItWhileItRuns() throws {
        let child = try sleeper()
        #expect(child.isRunning && child.end == nil)
        #expect(child.wait(milliseconds: 0) == nil)
        child.signal(SIGTERM)
        #expect(child.wait(milliseconds: 60_000) == .signal(SIGTERM))
        #expect(!child.isRunning)
    }

    /// The number may be somebody else's then.
    @Test func nobodyIsToldASignalAfterTheEnd() throws {
        let child = try ChildProcess("true", [])
        #expect(child.wait(milliseconds: 60_000) == .status(0))
        #expect(kill(child.id, 0) == -1 && errno == ESRCH)
        child.signal(SIGKILL)
        child.signalGroup(SIGKILL)
        // The first answer stands, though the system has none any more.
        #expect(child.end == .status(0))
        #expect(child.wait() == .status(0))
    }

    @Test func itIsReapedAtTheLatestWhenTheValueGoesAway() throws {
        var child: ChildProcess? = try ChildProcess("true", [])
        let id = try #require(child?.id)
        // Ended, and nobody has asked how.
        var information = siginfo_t()
        #expect(waitid(P_PID, id_t(id), &information, WEXITED | WNOWAIT) == 0)
        #expect(kill(id, 0) == 0)
        child = nil
        #expect(kill(id, 0) == -1 && errno == ESRCH)
    }

    @Test func manyMayWaitForOne() throws {
        let child = try sleeper()
        let waiting = DispatchGroup()
        let ends = Mutex<[ChildProcess.End]>([])
        for _ in 0..<4 {
            waiting.enter()
            Thread {
                let end = child.wait()
                ends.withLock { $0.append(end) }
                waiting.leave()
            }.start()
        }
        child.signal(SIGKILL)
        waiting.wait()
        #expect(ends.withLock { $0 } == Array(repeating: .signal(SIGKILL), count: 4))
    }

    @Test func aGroupIsTheChildsOwn() throws {
        let child = try sleeper()
        #expect(getpgid(child.id) == child.id)
        child.signalGroup(SIGKILL)
        #expect(child.wait(milliseconds: 60_000) == .signal(SIGKILL))
    }

    // MARK: What reaches it

    @Test func environmentAndDirectoryAreAsGiven() throws {
        let given = try CapturedProcess("env", environment: ["NAME": "a b=c"]).wait(seconds: 60)
        #expect(given.output == "NAME=a b=c\n")
        #expect(try shell("echo \"$PATH\"").output == (ProcessInfo.processInfo.environment["PATH"] ?? "") + "\n")
        #expect(try CapturedProcess("pwd", directory: "/usr").wait(seconds: 60).output == "/usr\n")
    }

    @Test func argumentsStayApart() throws {
        let arguments = ["a b", "", "c\nd", "ä$HOME"]
        let outcome = try CapturedProcess("printf", ["%s|"] + arguments).wait(seconds: 60)
        #expect(outcome.output == arguments.map { $0 + "|" }.joined())
    }

    @Test func nothingIsReadIfNothingIsGiven() throws {
        let outcome = try CapturedProcess("cat").wait(seconds: 60)
        #expect(outcome.end == .status(0) && outcome.output.isEmpty && outcome.errors.isEmpty, "\(outcome)")
    }

    /// None of the three may be overwritten before it is its turn.
    @Test func streamsMayBeExchanged() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "weir-child-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: file) }
        // Asked before the shell turns its own output to the file.
        let script = "links=$(readlink /proc/$$/fd/0 /proc/$$/fd/1); echo \"$links\" > \(file)"
        let child = try ChildProcess("sh", ["-c", script], input: .descriptor(1), output: .descriptor(0))
        #expect(child.wait(milliseconds: 60_000) == .status(0))
        let found = try String(contentsOfFile: file, encoding: .utf8)
        let ours = try [1, 0].map { try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)") }
        #expect(found == ours.map { $0 + "\n" }.joined())
    }

    /// Far more than pipes hold, to both and at once, while it still reads.
    @Test func muchIsReadAndWrittenAtOnce() throws {
        let input = String(repeating: "0123456789abcde\n", count: 100_000)
        let outcome = try CapturedProcess("tee", ["/dev/stderr"], input: input).wait(seconds: 60)
        #expect(outcome.end == .status(0))
        #expect(outcome.output == input)
        #expect(outcome.errors == input)
    }

    /// To write to it then would raise SIGPIPE, which ends a process.
    @Test func whoReadsNothingMayBeWrittenTo() throws {
        let input = String(repeating: "x", count: 10_000_000)
        #expect(try CapturedProcess("true", input: input).wait(seconds: 60).end == .status(0))
    }

    @Test func whatTakesTooLongIsKilledAndNamed() throws {
        let process = try CapturedProcess("sh", ["-c", "echo begun; sleep 1000; true"])
        while process.outputSoFar().isEmpty { poll(nil, 0, 10) }
        #expect {
            try process.wait(seconds: 0)
        } throws: {
            let error = $0 as? WeirError
            return error?.message == "sh -c echo begun; sleep 1000; true: still runs after 0 s"
                && error?.advice.hasPrefix("begun\n") == true
        }
        #expect(process.child.end == .signal(SIGKILL))
    }

    // MARK: What does not reach it

    /// Whatever is open here, and whether FD_CLOEXEC was forgotten, or could not be set in time: what another thread
    /// opens while it starts is no different.
    @Test func noOtherDescriptorIsInherited() throws {
        let low = open("/dev/null", O_RDONLY)
        let high = fcntl(low, F_DUPFD, 900)
        defer {
            close(low)
            close(high)
        }
        #expect(low > 2 && high >= 900)
        #expect(fcntl(low, F_GETFD) == 0 && fcntl(high, F_GETFD) == 0)
        // Not by `ls`, which opens the folder itself.
        let script = "for number in $(seq 0 1100); do [ ! -e /proc/$$/fd/$number ] || echo $number; done"
        let outcome = try shell(script)
        #expect(outcome.end == .status(0) && outcome.output == "0\n1\n2\n" && outcome.errors.isEmpty, "\(outcome)")
    }

    /// While others start, too, and live on: a child's end is known all the same, and its output has one.
    @Test func whoLivesOnHoldsNothingOfOthers() throws {
        let stopped = DispatchGroup()
        stopped.enter()
        let starting = Thread {
            var children: [ChildProcess] = []
            for _ in 0..<50 { if let child = try? sleeper() { children.append(child) } }
            stopped.leave()
            // Alive until the others have been read to their ends.
            while !Thread.current.isCancelled { poll(nil, 0, 5) }
            for child in children { child.signal(SIGKILL) }
            for child in children { child.wait() }
        }
        starting.start()
        defer { starting.cancel() }
        for number in 0..<50 { #expect(try shell("echo \(number)").output == "\(number)\n") }
        stopped.wait()
    }

    @Test func noSignalIsBlockedOrIgnored() throws {
        // Of this thread only; the other of the whole process, which would rather not die of a pipe anyway.
        var (set, old) = (sigset_t(), sigset_t())
        sigemptyset(&set)
        for number in [SIGTERM, SIGINT, SIGUSR1] { sigaddset(&set, number) }
        pthread_sigmask(SIG_BLOCK, &set, &old)
        let before = signal(SIGPIPE, SIG_IGN)
        defer {
            pthread_sigmask(SIG_SETMASK, &old, nil)
            signal(SIGPIPE, before)
        }
        // Not a shell, which has a mind of its own about them.
        let status = try CapturedProcess("cat", ["/proc/self/status"]).wait(seconds: 60).output
        for name in ["SigBlk", "SigIgn"] {
            let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("\(name):\t") })
            // Signals 32 and 33 are glibc's own.
            #expect(UInt64(line.dropFirst(8), radix: 16).map { $0 & ~(3 << 31) } == 0, "\(line)")
        }
    }
}
