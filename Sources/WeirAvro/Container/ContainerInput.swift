// The bytes of a container file, as they come.

/// Takes bytes from a source that gives them in pieces.
struct ContainerInput {
    let source: String
    /// What is being read, for errors.
    var place = "header"
    private let read: (Int) throws -> [UInt8]
    private var buffer: [UInt8] = []
    private var position = 0

    /// Bytes asked for at once.
    private static let piece = 1 << 16

    init(source: String, read: @escaping (Int) throws -> [UInt8]) {
        self.source = source
        self.read = read
    }

    func failure(_ message: String) -> ContainerError {
        ContainerError(source: source, place: place, message: message)
    }

    /// Whether nothing is left.
    mutating func isAtEnd() throws(ContainerError) -> Bool {
        guard position == buffer.count else { return false }
        position = 0
        do {
            buffer = try read(ContainerInput.piece)
        } catch {
            throw failure("the file cannot be read: \(error)")
        }
        return buffer.isEmpty
    }

    /// Exactly so many bytes. Memory grows with what comes, not with what is asked for.
    mutating func take(_ count: Int) throws(ContainerError) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            guard try !isAtEnd() else { throw failure("the file ends too early") }
            let piece = min(count - bytes.count, buffer.count - position)
            bytes += buffer[position..<position + piece]
            position += piece
        }
        return bytes
    }

    mutating func long() throws(ContainerError) -> Int64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), through: 63, by: 7) {
            guard try !isAtEnd() else { throw failure("the file ends too early") }
            let byte = UInt64(buffer[position])
            position += 1
            if shift == 63, byte > 1 { break }
            value |= (byte & 0x7f) << shift
            if byte < 0x80 { return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1) }
        }
        throw failure(DecodeError.Code.varintTooLong.words)
    }
}
