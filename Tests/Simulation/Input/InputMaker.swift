// Makes the input: few organisations, small numbers, many repeats, some conflicts, some poison.

import WeirAvro
import WeirCore
import WeirKafka
import WeirRuntime

struct InputMaker {
    private var dice: Dice
    private let shape: Shape
    private let base: Int64
    private var writer = AvroWriter()
    private var attempt = 0
    private var lastKey = 0
    /// What was produced, by topic, to be repeated.
    private var earlier: [[SimEvent]] = [[], []]
    /// Keys of records that were refused: a mended copy counts.
    private var refused: [[SimEvent]] = [[], []]

    static let schemaID: Int32 = 7
    static let recordBytes = 400

    init(shape: Shape, dice: Dice, base: Int64) {
        self.shape = shape
        self.dice = dice
        self.base = base
    }

    mutating func next(wall: Int64) -> SimRecord {
        let topic = dice.chance(0.6) ? 0 : 1
        let isBad = shape.badDeployment?.contains(wall - base) ?? false
        if dice.chance(isBad ? 0.9 : shape.poison) { return poison(topic, wall) }
        var event = makeEvent()
        if !refused[topic].isEmpty, dice.chance(0.1) {
            event = dice.pick(refused[topic])
        } else if !earlier[topic].isEmpty, dice.chance(shape.repeats) {
            let near = dice.chance(0.5) ? min(6, earlier[topic].count) : earlier[topic].count
            event = earlier[topic][earlier[topic].count - 1 - dice.below(near)]
            if dice.chance(shape.conflicts) { event.amount += 1 + Int64(dice.below(3)) }
        }
        earlier[topic].append(event)
        return record(topic, event, .event(event), wall)
    }

    private mutating func makeEvent() -> SimEvent {
        lastKey += 1
        return SimEvent(
            organisation: dice.chance(shape.hot) ? "o0" : "o\(dice.below(shape.organisations))",
            site: "s\(dice.below(5))", key: "k\(lastKey)",
            // Few distinct times, so that some are equal; some are long past.
            at: base - Int64(dice.below(20)) * 600_000_000, amount: Int64(dice.below(8)),
            user: "u\(dice.below(6))", region: dice.chance(0.3) ? nil : "r\(dice.below(3))")
    }

    /// - Parameter content: what is made of it, in the maker's own opinion.
    private mutating func record(
        _ topic: Int, _ event: SimEvent, _ content: SimContent, _ wall: Int64, key: [UInt8]?? = .none,
        cut: Int = 0
    ) -> SimRecord {
        attempt += 1
        let schemaID = pickSchema()
        writer.removeAll()
        ConfluentFrame.writeHeader(schemaID: schemaID, into: &writer)
        writer.writeString("\(1000 + attempt)")
        writer.writeString(event.key)
        writer.writeString(event.organisation)
        writer.writeString(event.site)
        writer.writeLong(event.at)
        writer.writeLong(event.amount)
        writer.writeString(event.user)
        writer.writeUnionIndex(event.region == nil ? 0 : 1)
        if let region = event.region { writer.writeString(region) }
        return record(
            topic, event, content, wall, key: key ?? Array((topic == 0 ? event.organisation : event.site).utf8),
            payload: Array(writer.bytes.dropLast(cut)), schemaID: schemaID)
    }

    /// Mostly the one that everybody knows.
    private mutating func pickSchema() -> Int32 {
        if dice.chance(shape.newSchemas) { return dice.pick(Shape.laterSchemas) }
        if dice.chance(shape.madeUpSchemas) { return Shape.firstMadeUpSchema + Int32(dice.below(shape.madeUpIDs)) }
        return Self.schemaID
    }

    private func record(
        _ topic: Int, _ event: SimEvent, _ content: SimContent, _ wall: Int64, key: [UInt8]?, payload: [UInt8]?,
        schemaID: Int32?
    ) -> SimRecord {
        // Whatever the record's own key says, the partition follows from what it should say.
        let home = (topic == 0 ? event.organisation : event.site).utf8.reduce(0) { $0 &* 31 &+ Int($1) }
        let id = TopicPartition(
            topic: Shape.topics[topic], partition: Int32(home % shape.partitions[topic]))
        return SimRecord(
            id, topicIdentity: topic + 1, timestamp: wall / 1000, key: key, payload: payload, content: content,
            schemaID: schemaID)
    }

    private mutating func poison(_ topic: Int, _ wall: Int64) -> SimRecord {
        var event = makeEvent()
        let home = Array((topic == 0 ? event.organisation : event.site).utf8)
        func bad(_ reason: DeadLetterReason, _ payload: [UInt8]?, schemaID: Int32? = nil) -> SimRecord {
            record(topic, event, .poison(reason), wall, key: home, payload: payload, schemaID: schemaID)
        }
        switch dice.below(11) {
        case 0: return record(topic, event, .poison(.nullKey), wall, key: .some(nil))
        case 1: return bad(.emptyRecord, nil)
        case 2: return bad(.notFramed, Array("{\"json\": 1}".utf8))
        case 3: return bad(.unknownSchema, [0, 0, 0, 0, 99, 1, 2, 3], schemaID: 99)
        case 4: return record(topic, event, .poison(.undecodable), wall, cut: 6)
        case 5:
            event.key = ""
            return record(topic, event, .poison(.missingField), wall)
        case 6: return record(topic, event, .poison(.keyMismatch), wall, key: Array("somebody".utf8))
        case 7:
            refused[topic].append(event)
            event.amount = -1 - event.amount
            return record(topic, event, .poison(.negativeQuantity), wall)
        case 8:
            refused[topic].append(event)
            event.at = base + 400 * 86_400_000_000
            return record(topic, event, .poison(.timeOutOfRange), wall)
        case 9:
            event.user = String(repeating: "x", count: Self.recordBytes)
            return record(topic, event, .poison(.recordTooLarge), wall)
        default:
            refused[topic].append(event)
            event.at = 1_000_000
            return record(topic, event, .poison(.timeOutOfRange), wall)
        }
    }
}
