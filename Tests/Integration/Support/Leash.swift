// Makes sure that no worker outlives the tests, however these end.

import Foundation
import Synchronization
import WeirCore

/// A shell that hears of every worker and kills those it still knows when this process is gone: its standard input
/// ends then, also after `kill -9`.
enum Leash {
    static func tie(_ process: ChildProcess) { tell("tie \(process.id)") }

    /// The process has ended and its number may be somebody else's soon.
    static func untie(_ process: ChildProcess) { tell("untie \(process.id)") }

    /// Kills a process, if it still runs, and lets go of it.
    static func end(_ process: ChildProcess) {
        process.signal(SIGKILL)
        _ = process.wait(milliseconds: 10_000)
        untie(process)
    }

    private static let script = """
        trap '' INT TERM HUP
        known=" "
        while read -r verb process; do
            case $verb in
                tie) known="$known$process " ;;
                untie) known=$(printf '%s' "$known" | sed "s/ $process / /") ;;
            esac
        done
        for process in $known; do kill -9 "$process"; done
        """

    private static let pipe: Pipe = {
        let pipe = Pipe()
        _ = try? ChildProcess(
            "/bin/sh", ["-c", script], input: .descriptor(pipe.fileHandleForReading.fileDescriptor), output: .nothing,
            errors: .nothing)
        return pipe
    }()

    private static let turn = Mutex(())

    private static func tell(_ line: String) {
        turn.withLock { _ in try? pipe.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8)) }
    }
}
