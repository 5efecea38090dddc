// Reading and changing libpq connection strings.

public enum ConnectionString {
    /// The same server and user, another database.
    ///
    /// - Parameter string: `host=… dbname=…` or `postgresql://…`; in both, libpq takes the last `dbname`.
    public static func selecting(database: String, in string: String) -> String {
        let isURI = string.hasPrefix("postgresql://") || string.hasPrefix("postgres://")
        guard isURI else { return "\(string) dbname='\(escaped(database))'" }
        return string + (string.contains("?") ? "&" : "?") + "dbname=" + percentEncoded(database)
    }

    private static func escaped(_ value: String) -> String {
        var result = ""
        for character in value {
            if character == "'" || character == "\\" { result.append("\\") }
            result.append(character)
        }
        return result
    }

    private static func percentEncoded(_ value: String) -> String {
        var result = ""
        for byte in value.utf8 {
            let scalar = Unicode.Scalar(byte)
            if scalar.isASCII, scalar.properties.isAlphabetic || scalar.properties.numericType != nil || scalar == "_" {
                result.unicodeScalars.append(scalar)
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                result += (digits.count == 1 ? "%0" : "%") + digits
            }
        }
        return result
    }
}
