// Binary parameters and results against what PostgreSQL itself says of them.

import Testing
import WeirPostgres

@Suite struct ParameterTests {
    /// `unscaled / 10^scale` in figures, from its decimal text.
    private func figures(_ unscaled: Int128, scale: Int) -> String {
        var digits = String(unscaled)
        let sign = digits.hasPrefix("-") ? String(digits.removeFirst()) : ""
        guard scale > 0 else { return sign + digits }
        if digits.count <= scale { digits = String(repeating: "0", count: scale + 1 - digits.count) + digits }
        return sign + digits.dropLast(scale) + "." + digits.suffix(scale)
    }

    private static let numbers: [Int128] = {
        var numbers: [Int128] = [0, .max, .min, .max - 1, .min + 1, 9999, 10_000, 10_001, 99_999_999, 100_000_000]
        var power: Int128 = 1
        for _ in 0..<38 {
            numbers += [power, power - 1, power + 1, -power, 7 * (power / 10), -(power / 10) * 3 - 1]
            power = power.multipliedReportingOverflow(by: 10).partialValue
        }
        var state: UInt64 = 88
        for shift in 0..<127 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let random = Int128(truncatingIfNeeded: state) << 64 | Int128(state >> 1)
            numbers += [random >> Int128(shift), -(random >> Int128(shift))]
        }
        return numbers
    }()

    @Test(arguments: 0...6)
    func numericsReadAsTheirFigures(scale: Int) throws {
        let connection = try TestDatabase().connect()
        let numbers = Self.numbers
        var parameters = Parameters()
        parameters.addArray(.numeric, of: numbers) { $1.put(numeric: $0, scale: scale) }
        let rows = try connection.query(
            "SELECT n::text, n FROM unnest($1::numeric[]) WITH ORDINALITY AS i(n, number) ORDER BY number", parameters)
        try #require(rows.count == numbers.count)
        for (row, number) in numbers.enumerated() {
            #expect(rows.text(row, 0) == figures(number, scale: scale))
            #expect(rows.numeric(row, 1, scale: scale) == number)
        }
    }

    @Test func numericsOfTheTableReadInMillionths() throws {
        let connection = try TestDatabase().connect()
        let texts = [
            "0", "0.000001", "-0.000001", "1", "-1", "1000000", "0.1", "12345.678900",
            "99999999999999999999999999999999",
            "-99999999999999999999999999999999.999999", "10000", "0.0001", "100000000.00000001", "0.00000001",
        ]
        let expected: [Int128] = [
            0, 1, -1, 1_000_000, -1_000_000, 1_000_000_000_000, 100_000, 12_345_678_900,
            99_999_999_999_999_999_999_999_999_999_999_000_000, -99_999_999_999_999_999_999_999_999_999_999_999_999,
            10_000_000_000, 100, 100_000_000_000_000, 0,
        ]
        var parameters = Parameters()
        parameters.addArray(.text, of: texts) { $1.put($0) }
        let rows = try connection.query(
            "SELECT n::numeric FROM unnest($1::text[]) WITH ORDINALITY AS i(n, number) ORDER BY number", parameters)
        for row in 0..<rows.count { #expect(rows.numeric(row, 0, scale: 6) == expected[row], "\(texts[row])") }
    }

    @Test func singleValuesArrive() throws {
        let connection = try TestDatabase().connect()
        let blob = (0..<1000).map { UInt8(truncatingIfNeeded: $0) }
        for text in ["", "x", "zwölf 🌊 \u{1}", String(repeating: "long ", count: 5000)] {
            for number in [Int64.min, -1, 0, 1, .max] {
                var parameters = Parameters()
                parameters.add(text)
                parameters.add(number)
                parameters.add(Int32(truncatingIfNeeded: number))
                parameters.add(bytes: blob)
                parameters.add(bytes: [])
                let rows = try connection.query(
                    "SELECT $1::text, $2::int8, $3::int4, $4::bytea, $5::bytea, $2::text, $3::text", parameters)
                #expect(rows.text(0, 0) == text)
                #expect(rows.int64(0, 1) == number)
                #expect(rows.int32(0, 2) == Int32(truncatingIfNeeded: number))
                #expect(rows.bytes(0, 3) == blob)
                #expect(rows.bytes(0, 4) == [])
                #expect(rows.isNull(0, 4) == false)
                #expect(rows.text(0, 5) == "\(number)" && rows.text(0, 6) == "\(Int32(truncatingIfNeeded: number))")
            }
        }
    }

    @Test func onlyAnEmptyValueIsNotNull() throws {
        let connection = try TestDatabase().connect()
        var parameters = Parameters()
        parameters.add("")
        let rows = try connection.query("SELECT $1::text IS NULL", parameters)
        #expect(rows.bool(0, 0) == false)
    }

    @Test func nullsArrive() throws {
        let connection = try TestDatabase().connect()
        var parameters = Parameters()
        parameters.add(String?.none)
        parameters.add(Int64?.none)
        parameters.add(Int32?.none)
        parameters.add(bytes: nil)
        parameters.add(timestamp: nil)
        let rows = try connection.query("SELECT $1::text, $2::int8, $3::int4, $4::bytea, $5::timestamptz", parameters)
        for column in 0..<5 { #expect(rows.isNull(0, column) == true) }
    }

    @Test func timestampsArrive() throws {
        let connection = try TestDatabase().connect()
        try connection.script("SET TIME ZONE 'UTC'; SET datestyle = 'ISO'")
        let times: [(Int64, String)] = [
            (0, "1970-01-01 00:00:00+00"), (-1, "1969-12-31 23:59:59.999999+00"),
            (946_684_800_000_000, "2000-01-01 00:00:00+00"), (1_790_000_000_123_456, "2026-09-21 14:13:20.123456+00"),
            (-62_135_596_800_000_000, "0001-01-01 00:00:00+00"),
            // The latest that microseconds since 1970 can say.
            (.max, "294247-01-10 04:00:54.775807+00"),
        ]
        for (time, text) in times {
            var parameters = Parameters()
            parameters.add(timestamp: time)
            let rows = try connection.query("SELECT $1::timestamptz::text, $1", parameters)
            #expect(rows.text(0, 0) == text)
            #expect(rows.timestamp(0, 1) == time)
        }
    }

    // MARK: Arrays

    /// The array's text form, one element a line; nulls as `NULL`.
    private func elements(_ type: PostgresType, _ parameters: Parameters) throws -> [String] {
        let connection = try TestDatabase().connect()
        try connection.script("SET TIME ZONE 'UTC'; SET datestyle = 'ISO'; SET bytea_output = 'hex'")
        let rows = try connection.query(
            """
            SELECT coalesce(e::text, 'NULL') FROM unnest($1::\(type)[]) WITH ORDINALITY AS i(e, number) ORDER BY number
            """, parameters)
        return (0..<rows.count).map { rows.text($0, 0) }
    }

    @Test(arguments: [PostgresType.bytea, .int8, .int4, .text, .timestamptz, .numeric, .uuid])
    func arraysOfEveryTypeArrive(type: PostgresType) throws {
        func put(_ number: Int, _ writer: inout ElementWriter) {
            switch type {
            case .bytea: writer.put([UInt8(number), 0][...])
            case .int8: writer.put(Int64(number) - 2)
            case .int4: writer.put(Int32(number) - 2)
            case .text: writer.put(number == 1 ? "" : "text \(number)")
            case .timestamptz: writer.put(timestamp: Int64(number) * 1_000_000)
            case .numeric: writer.put(numeric: Int128(number) - 2, scale: 1)
            case .uuid:
                writer.put(UInt64(number))
                writer.put(UInt64.max)
            }
        }
        func text(_ number: Int) -> String {
            switch type {
            case .bytea: "\\x0\(number)00"
            case .int8, .int4: "\(number - 2)"
            case .text: number == 1 ? "" : "text \(number)"
            case .timestamptz: "1970-01-01 00:00:0\(number)+00"
            case .numeric: ["-0.2", "-0.1", "0.0", "0.1"][number]
            case .uuid: "00000000-0000-000\(number)-ffff-ffffffffffff"
            }
        }
        for count in 0...4 {
            var parameters = Parameters()
            parameters.addArray(type, count: count) { put($0, &$1) }
            #expect(try elements(type, parameters) == (0..<count).map(text))
            // Every other one, and then every one, null.
            for step in 1...2 {
                var parameters = Parameters()
                parameters.addArray(type, count: count) { number, writer in
                    if number % step == 0 { writer.putNull() } else { put(number, &writer) }
                }
                #expect(try elements(type, parameters) == (0..<count).map { $0 % step == 0 ? "NULL" : text($0) })
            }
        }
    }

    @Test func emptyArraysAreNotNull() throws {
        let connection = try TestDatabase().connect()
        var parameters = Parameters()
        parameters.addArray(.text, of: [String]()) { $1.put($0) }
        parameters.add("after it")
        parameters.addArray(.int8, of: [Int64(5)]) { $1.put($0) }
        let rows = try connection.query(
            "SELECT $1::text[] = '{}', cardinality($1::text[]), $2::text, ($3::int8[])[1]", parameters)
        #expect(rows.bool(0, 0) == true)
        #expect(rows.int32(0, 1) == 0)
        #expect(rows.text(0, 2) == "after it")
        #expect(rows.int64(0, 3) == 5)
    }
}
