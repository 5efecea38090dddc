// What PostgreSQL was asked, in the status document.

extension StatusDocument {
    /// The last answer stays while there is no newer one.
    package struct Answer<Value: Codable & Equatable & Sendable>: Codable, Equatable, Sendable {
        /// When it was given.
        @OrNull package private(set) var seenAt: Double?
        /// Why the last question was not answered.
        @OrNull package private(set) var problem: String?
        @OrNull package private(set) var value: Value?

        enum CodingKeys: String, CodingKey {
            case problem, value
            case seenAt = "seen_at"
        }

        init<Stored>(_ answer: DatabaseAnswer<Stored>, _ value: (Stored) -> Value) {
            seenAt = answer.at.map(Double.time)
            problem = answer.problem
            self.value = answer.value.map(value)
        }
    }

    /// Dead letters that are open: waiting or in quarantine.
    package struct DeadLettersPart: Codable, Equatable, Sendable {
        package let reasons: [Reason]
        /// The newest first.
        package let newest: [Letter]

        package struct Reason: Codable, Equatable, Sendable {
            package let reason: String
            package let waiting: Int
            package let quarantined: Int
            /// When the newest of them was recorded.
            package let latest: Double

            package init(reason: String, waiting: Int, quarantined: Int, latest: Double) {
                self.reason = reason
                self.waiting = waiting
                self.quarantined = quarantined
                self.latest = latest
            }
        }

        package struct Letter: Codable, Equatable, Sendable {
            package let id: Int64
            package let reason: String
            package let message: String
            /// Topic, partition and offset.
            package let place: String
            @OrNull package private(set) var organisation: String?
            package let recordedAt: Double

            package init(
                id: Int64, reason: String, message: String, place: String, organisation: String?, recordedAt: Double
            ) {
                self.id = id
                self.reason = reason
                self.message = message
                self.place = place
                self.organisation = organisation
                self.recordedAt = recordedAt
            }

            enum CodingKeys: String, CodingKey {
                case id, reason, message, place
                case organisation = "org_id"
                case recordedAt = "recorded_at"
            }
        }

        package init(reasons: [Reason], newest: [Letter]) {
            self.reasons = reasons
            self.newest = newest
        }
    }

    /// The organisations with the most events in windows of the last hours.
    package struct UsagePart: Codable, Equatable, Sendable {
        package let hours: Int
        /// All of the topology, in its order.
        package let meters: [String]
        package let organisations: [Organisation]

        package struct Organisation: Codable, Equatable, Sendable {
            package let id: String
            package let events: Int64
            /// Quantities as decimal text, digit for digit, by meter.
            package let meters: [String: String]

            package init(id: String, events: Int64, meters: [String: String]) {
                self.id = id
                self.events = events
                self.meters = meters
            }

            enum CodingKeys: String, CodingKey {
                case events, meters
                case id = "org_id"
            }
        }

        package init(hours: Int, meters: [String], organisations: [Organisation]) {
            self.hours = hours
            self.meters = meters
            self.organisations = organisations
        }
    }
}
