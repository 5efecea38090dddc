// Line charts as inline SVG, coloured by the page's style so that they are readable in light and dark.

internal import Foundation

/// Drawn twice, for a wide screen and for a narrow one, so that its text is readable on both; axes may be logarithmic.
struct Chart {
    struct Line {
        var name: String
        /// Points with a y of nil interrupt the line; one with an infinite y is never.
        var points: [(x: Double, y: Double?)]
        /// From 0; repeats after six.
        var colour: Int
        var isDashed = false
    }

    struct Marker {
        var from: Double
        var to: Double
        var name: String
        var isFault = true
    }

    struct Tick {
        var value: Double
        var name: String
    }

    /// Where records are that never came.
    struct Never {
        var ranges: [ClosedRange<Double>]
        /// Which, and how many.
        var words: String
    }

    var title: String
    var xName: String
    var yName: String
    var lines: [Line]
    var markers: [Marker] = []
    /// What x covers at least.
    var span: ClosedRange<Double>?
    /// A level to compare with.
    var level: (value: Double, name: String)?
    var never: Never?
    var isLogarithmic = false
    /// Nil draws round numbers.
    var xTicks: [Tick]?

    private struct Size {
        var style: String
        var width: Double
        var xSteps: Int
        /// Of a character, a little generous.
        var letter: Double

        static let all = [
            Size(style: "broad", width: 760, xSteps: 8, letter: 6.2),
            Size(style: "narrow", width: 420, xSteps: 6, letter: 6.8),
        ]
    }

    private static let height = 300.0
    private static let box = (left: 64.0, top: 18.0, right: 16.0, bottom: 44.0)
    /// Of a row of names above the plane, and of the row of what is never.
    private static let row = 16.0
    /// Between the row of what is never and the plane.
    private static let gap = 5.0

    var svg: String {
        let all = lines.flatMap { $0.points.compactMap(\.y) }
        let ys = all.filter(\.isFinite) + [level?.value].compactMap(\.self)
        let xs =
            lines.flatMap { $0.points.map(\.x) } + (xTicks ?? []).map(\.value)
            + (span.map { [$0.lowerBound, $0.upperBound] } ?? [])
        let mostY = ys.max() ?? 1
        guard let leastX = xs.min(), let mostX = xs.max(), !all.isEmpty, mostY > 0 else {
            return "<p class=\"note\">\(Html.escape(title)): nothing to draw.</p>"
        }
        let leastY = isLogarithmic ? pow(10, log10(max(0.01, ys.filter { $0 > 0 }.min() ?? 1)).rounded(.down)) : 0
        let topY = isLogarithmic ? pow(10, log10(mostY).rounded(.up)) : Self.roundUp(mostY)
        let drawings = Size.all.map { size in
            let names = place(markers, size, leastX...max(mostX, leastX + 1e-9))
            let rows = Double((names.map(\.row).max() ?? -1) + 1)
            let plane = Plane(
                x: leastX...max(mostX, leastX + 1e-9), y: leastY...max(topY, leastY * 10),
                isLogarithmic: isLogarithmic, left: Self.box.left,
                top: Self.box.top + rows * Self.row + (hasNever ? Self.row + Self.gap + 2 : 0),
                right: size.width - Self.box.right, bottom: Self.height - Self.box.bottom)
            return draw(plane, names, size)
        }
        var parts = ["<figure><figcaption>\(Html.escape(title))</figcaption>"] + drawings
        if never != nil || lines.contains(where: { !$0.name.isEmpty }) { parts.append(legend) }
        parts.append("</figure>")
        return parts.joined(separator: "\n")
    }

    private var hasNever: Bool { never != nil || lines.contains { $0.points.contains { $0.y == .infinity } } }

    private struct Plane {
        var x: ClosedRange<Double>
        var y: ClosedRange<Double>
        var isLogarithmic: Bool
        var left: Double
        var top: Double
        var right: Double
        var bottom: Double

        func x(_ value: Double) -> Double {
            left + min(1, max(0, (value - x.lowerBound) / (x.upperBound - x.lowerBound))) * (right - left)
        }

        func y(_ value: Double) -> Double {
            // In the middle of the row above.
            guard value.isFinite else { return top - Chart.gap - Chart.row / 2 }
            let share =
                isLogarithmic
                ? (log10(max(value, y.lowerBound)) - log10(y.lowerBound)) / (log10(y.upperBound) - log10(y.lowerBound))
                : (value - y.lowerBound) / (y.upperBound - y.lowerBound)
            return bottom - min(1, max(0, share)) * (bottom - top)
        }
    }

    // MARK: Names of markers

    private struct PlacedName {
        var marker: Marker
        /// Of the name's beginning.
        var x: Double
        /// From the top.
        var row: Int
    }

    /// Each name begins where its marker does, as far as there is room, and in the first row where it meets no other.
    private func place(_ markers: [Marker], _ size: Size, _ range: ClosedRange<Double>) -> [PlacedName] {
        let right = size.width - Self.box.right
        let plane = Plane(
            x: range, y: 0...1, isLogarithmic: false, left: Self.box.left, top: 0, right: right, bottom: 1)
        var ends: [Double] = []
        return markers.sorted { $0.from < $1.from }.map { marker in
            let width = Double(marker.name.count) * size.letter
            let x = max(0, min(plane.x(marker.from), right - width))
            let row = ends.firstIndex { $0 + size.letter <= x } ?? ends.count
            if row == ends.count { ends.append(0) }
            ends[row] = x + width
            return PlacedName(marker: marker, x: x, row: row)
        }
    }

    // MARK: Parts

    private func draw(_ plane: Plane, _ names: [PlacedName], _ size: Size) -> String {
        var parts = [
            "<svg class=\"\(size.style)\" viewBox=\"0 0 \(Int(size.width)) \(Int(Self.height))\" role=\"img\" "
                + "aria-label=\"\(Html.escape(title))\">"
        ]
        parts += names.map { draw($0, plane) } + grid(plane, size)
        if let level {
            let y = plane.y(level.value)
            parts.append("<path class=\"level\" d=\"M\(n(plane.left)) \(n(y))H\(n(plane.right))\"/>")
        }
        if hasNever {
            let top = plane.top - Self.gap - Self.row
            for range in never?.ranges ?? [] {
                let (from, to) = (plane.x(range.lowerBound), plane.x(range.upperBound))
                parts.append(rectangle("never", from, max(to, from + 2), top, top + Self.row))
            }
            parts.append("<path class=\"level\" d=\"M\(n(plane.left)) \(n(plane.top))H\(n(plane.right))\"/>")
            parts.append(text(plane.left - 8, top + Self.row / 2 + 4, "never", "end", "tick bad"))
        }
        parts += lines.enumerated().map { draw($1, number: $0, plane) }
        if let level {
            parts.append(text(plane.left + 4, plane.y(level.value) - 5, level.name, "start", "tick halo"))
        }
        return (parts + ["</svg>"]).joined(separator: "\n")
    }

    private func draw(_ line: Line, number: Int, _ plane: Plane) -> String {
        var path = ""
        var isDown = false
        for point in line.points {
            guard let y = point.y else {
                isDown = false
                continue
            }
            // What is never is beside each other, not on top.
            let shift = y.isFinite || lines.count == 1 ? 0 : Double(number % 3 - 1) * 4
            path += "\(isDown ? "L" : "M")\(n(plane.x(point.x))) \(n(plane.y(y) + shift))"
            isDown = true
        }
        let style = "line c\(line.colour % 6)" + (line.isDashed ? " dashed" : "")
        return "<path class=\"\(style)\" d=\"\(path)\"/>"
    }

    private func draw(_ name: PlacedName, _ plane: Plane) -> String {
        let from = plane.x(name.marker.from)
        let top = Self.box.top + Double(name.row) * Self.row - 12
        return rectangle(
            name.marker.isFault ? "fault" : "aside", from, max(plane.x(name.marker.to), from + 1.5), top, plane.bottom)
            + text(name.x, top + 12, name.marker.name, "start", "tick halo")
    }

    private func rectangle(_ style: String, _ left: Double, _ right: Double, _ top: Double, _ bottom: Double) -> String
    {
        "<rect class=\"\(style)\" x=\"\(n(left))\" y=\"\(n(top))\" width=\"\(n(right - left))\" "
            + "height=\"\(n(bottom - top))\"/>"
    }

    private func grid(_ plane: Plane, _ size: Size) -> [String] {
        var parts: [String] = []
        for value in yTicks(plane) {
            let y = plane.y(value)
            parts.append("<path class=\"grid\" d=\"M\(n(plane.left)) \(n(y))H\(n(plane.right))\"/>")
            parts.append(text(plane.left - 8, y + 4, Self.number(value), "end", "tick"))
        }
        let steps = Self.steps(plane.x.lowerBound, plane.x.upperBound, size.xSteps)
        for tick in xTicks ?? steps.map({ Tick(value: $0, name: Self.number($0)) }) {
            let x = plane.x(tick.value)
            parts.append("<path class=\"grid\" d=\"M\(n(x)) \(n(plane.top))V\(n(plane.bottom))\"/>")
            let isCut = x + Double(tick.name.count) * size.letter / 2 > size.width
            parts.append(text(isCut ? size.width : x, plane.bottom + 17, tick.name, isCut ? "end" : "middle", "tick"))
        }
        parts.append(text((plane.left + plane.right) / 2, Self.height - 6, xName, "middle", "axis"))
        let middle = (plane.top + plane.bottom) / 2
        parts.append(
            "<text class=\"axis\" text-anchor=\"middle\" transform=\"translate(14 \(n(middle))) rotate(-90)\">"
                + "\(Html.escape(yName))</text>")
        return parts
    }

    private func yTicks(_ plane: Plane) -> [Double] {
        guard isLogarithmic else { return Self.steps(0, plane.y.upperBound, 5) }
        let decades = Int(log10(plane.y.lowerBound).rounded())...Int(log10(plane.y.upperBound).rounded())
        return decades.map { pow(10, Double($0)) }
    }

    private var legend: String {
        var items = lines.filter { !$0.name.isEmpty }.map { line in
            "<span><i class=\"c\(line.colour % 6)\(line.isDashed ? " dashed" : "")\"></i>\(Html.escape(line.name))</span>"
        }
        if let never { items.append("<span><i class=\"never\"></i>\(Html.escape(never.words))</span>") }
        return "<div class=\"legend\">\(items.joined())</div>"
    }

    private func text(_ x: Double, _ y: Double, _ words: String, _ anchor: String, _ style: String) -> String {
        "<text class=\"\(style)\" x=\"\(n(x))\" y=\"\(n(y))\" text-anchor=\"\(anchor)\">\(Html.escape(words))</text>"
    }

    private func n(_ value: Double) -> String { String(format: "%.1f", value) }

    // MARK: Numbers

    /// Round values from `low` to `high`, about so many.
    static func steps(_ low: Double, _ high: Double, _ count: Int) -> [Double] {
        guard high > low else { return [low] }
        let rough = (high - low) / Double(count)
        let scale = pow(10, log10(rough).rounded(.down))
        let step = scale * ([1, 2, 5, 10].first { $0 * scale >= rough } ?? 10)
        let first = (low / step).rounded(.up)
        return stride(from: first, through: (high / step + 1e-9).rounded(.down), by: 1).map { $0 * step }
    }

    static func roundUp(_ value: Double) -> Double {
        let step = steps(0, value, 5).dropFirst().first ?? value
        return (value / step).rounded(.up) * step
    }

    static func number(_ value: Double) -> String {
        if value >= 10_000 {
            return value.truncatingRemainder(dividingBy: 1000) == 0 ? "\(Int(value / 1000))k" : "\(Int(value))"
        }
        return value == value.rounded() ? "\(Int(value))" : String(format: "%g", value)
    }
}
