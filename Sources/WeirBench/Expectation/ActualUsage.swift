// A result as it was found, wherever it was found.

/// One row of a usage table, or one message's newest revision: the same fields as what was expected.
/// The quantity may end in any number of zeros.
public typealias ActualUsage = Expectation.Usage
