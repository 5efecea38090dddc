// A configuration file as a tree whose every node knows its place in the file.

/// One value, list or group of fields. Unlike a YAML library's node it keeps repeated fields, so that
/// they can be reported with all other mistakes.
package struct ConfigNode: Sendable {
    package enum Content: Sendable {
        case scalar(String, isQuoted: Bool)
        case list([ConfigNode])
        case group([Field])
    }

    package struct Field: Sendable {
        package let name: Placed<String>
        package let value: ConfigNode
    }

    package let content: Content
    package let position: ConfigPosition

    /// `retention:` with nothing behind it, `~` or `null`.
    package var isNull: Bool {
        guard case .scalar(let text, isQuoted: false) = content else { return false }
        return ["", "~", "null"].contains(text)
    }

    /// What stands here, in the words of a message.
    package var kind: String {
        switch content {
        case .scalar: isNull ? "empty" : "a single value"
        case .list: "a list"
        case .group: "a group of fields"
        }
    }
}
