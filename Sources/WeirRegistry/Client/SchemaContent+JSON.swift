// Schemas in the registry's JSON.

internal import WeirAvro

extension SchemaContent {
    init?(_ json: JSON) {
        guard let text = json["schema"]?.string else { return nil }
        self.init(type: json["schemaType"]?.string ?? "AVRO", text: text)
        if case .array(let list) = json["references"] {
            for item in list {
                guard let name = item["name"]?.string, let subject = item["subject"]?.string,
                    case .integer(let version) = item["version"]
                else { return nil }
                references.append(Reference(name: name, subject: subject, version: Int(version)))
            }
        }
    }

    /// `schemaType` is left out for Avro, as Confluent's registry does.
    var members: [JSON.Member] {
        var members = [JSON.Member("schema", .string(text))]
        if type != "AVRO" { members.append(JSON.Member("schemaType", .string(type))) }
        if !references.isEmpty {
            let list = references.map { reference in
                JSON.object([
                    JSON.Member("name", .string(reference.name)), JSON.Member("subject", .string(reference.subject)),
                    JSON.Member("version", JSON(reference.version)),
                ])
            }
            members.append(JSON.Member("references", .array(list)))
        }
        return members
    }
}

extension RegisteredSchema {
    init?(_ json: JSON) {
        guard let subject = json["subject"]?.string, case .integer(let version) = json["version"],
            case .integer(let number) = json["id"], let id = Int32(exactly: number), let content = SchemaContent(json)
        else { return nil }
        self.init(subject: subject, version: Int(version), id: id, content: content)
    }
}
