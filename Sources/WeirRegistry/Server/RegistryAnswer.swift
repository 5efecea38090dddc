// What the registry answers: JSON with a status, or an error with a code.

internal import WeirAvro
internal import WeirHTTP

struct RegistryAnswer {
    let status: Int
    let json: JSON

    init(_ json: JSON, status: Int = 200) {
        self.status = status
        self.json = json
    }

    static func object(_ members: (String, JSON)...) -> RegistryAnswer {
        RegistryAnswer(.object(members.map { JSON.Member($0.0, $0.1) }))
    }

    var response: HTTPResponse {
        HTTPResponse(
            status: status, headers: [("Content-Type", "application/vnd.schemaregistry.v1+json")],
            body: .bytes(Array(json.compact.utf8)))
    }
}

/// A request that is answered with an error, by the codes of Confluent's registry.
struct RegistryRefusal: Error {
    let status: Int
    let code: Int
    let message: String

    var answer: RegistryAnswer {
        RegistryAnswer(
            .object([JSON.Member("error_code", JSON(code)), JSON.Member("message", .string(message))]), status: status)
    }

    init(_ code: Int, _ message: String) {
        status = code > 999 ? code / 100 : code
        self.code = code
        self.message = message
    }

    typealias Code = RegistryError.Code

    static func subject(_ name: String) -> RegistryRefusal {
        .init(Code.subjectNotFound, "Subject '\(name)' not found.")
    }
    static func version(_ text: String) -> RegistryRefusal { .init(Code.versionNotFound, "Version \(text) not found.") }
    static func schema(_ name: String) -> RegistryRefusal { .init(Code.schemaNotFound, "Schema \(name) not found") }
    static func notFound(_ target: String) -> RegistryRefusal { .init(404, "HTTP 404 Not Found: \(target)") }
}
