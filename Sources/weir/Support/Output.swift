// Lines for people and programs, written at once so that whoever reads a pipe can follow.

import Foundation

/// Writes a line to standard output.
func say(_ line: String = "") { try? FileHandle.standardOutput.write(contentsOf: Data((line + "\n").utf8)) }

/// Writes a line to standard error.
func complain(_ line: String) { try? FileHandle.standardError.write(contentsOf: Data((line + "\n").utf8)) }
