// A Grafana dashboard of deploy/grafana, as far as tests go by it.

import Foundation
import TestSupport

struct Dashboard {
    struct Question {
        let panel: String
        let text: String
        /// `{{label}}` in it is a label of the answer.
        let legend: String
    }

    let file: String
    let uid: String
    let title: String
    private let whole: File

    static func all() throws -> [Dashboard] {
        let folder = Repository.root.appending(path: "deploy/grafana")
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".json") }
            .sorted().map { try Dashboard(file: "deploy/grafana/\($0)") }
    }

    init(file: String) throws {
        self.file = file
        whole = try JSONDecoder().decode(File.self, from: Data(Repository.text(file).utf8))
        uid = whole.uid
        title = whole.title
    }

    var variables: [String] { whole.templating.list.map(\.name) }

    /// Queries of variables that Prometheus answers: `label_values(metric, label)`.
    var labelQueries: [String] { whole.templating.list.compactMap { $0.query?.prometheus } }

    var expressions: [Question] {
        questions { $0.expr }
    }

    var hasSQL: Bool { whole.panels.contains { $0.targets?.contains { $0.rawSql != nil } == true } }

    /// Titles of panels that stand over another.
    var overlaps: [String] {
        var taken: Set<[Int]> = []
        return whole.panels.compactMap { panel in
            let place = panel.gridPos
            var isFree = place.x + place.w <= 24
            for x in place.x..<(place.x + place.w) {
                for y in place.y..<(place.y + place.h) where !taken.insert([x, y]).inserted { isFree = false }
            }
            return isFree ? nil : panel.title
        }
    }

    /// Titles of panels with one large value that say nothing of their own when there is none.
    var silentStats: [String] {
        whole.panels.filter { panel in
            panel.type == "stat" && panel.targets?.contains { $0.expr != nil } == true
                && panel.fieldConfig?.defaults.noValue == nil
        }.map(\.title)
    }

    private func questions(_ text: (Target) -> String?) -> [Question] {
        whole.panels.flatMap { panel in
            (panel.targets ?? []).compactMap { target in
                text(target).map { Question(panel: panel.title, text: $0, legend: target.legendFormat ?? "") }
            }
        }
    }

    // MARK: The file

    private struct File: Decodable {
        let uid: String
        let title: String
        let templating: Templating
        let panels: [Panel]
    }

    private struct Templating: Decodable {
        let list: [Variable]
    }

    private struct Variable: Decodable {
        let name: String
        let query: Query?
    }

    /// Text, or for Prometheus an object with the text in it.
    private struct Query: Decodable {
        let prometheus: String?

        private struct Object: Decodable {
            let query: String
        }

        init(from decoder: any Decoder) throws {
            prometheus = try? Object(from: decoder).query
        }
    }

    private struct Panel: Decodable {
        let type: String
        let title: String
        let fieldConfig: FieldConfig?
        let gridPos: Place
        let targets: [Target]?
    }

    private struct FieldConfig: Decodable {
        let defaults: Defaults
    }

    private struct Defaults: Decodable {
        let noValue: String?
    }

    private struct Place: Decodable {
        let x: Int
        let y: Int
        let w: Int
        let h: Int
    }

    private struct Target: Decodable {
        let expr: String?
        let rawSql: String?
        let legendFormat: String?
    }
}
