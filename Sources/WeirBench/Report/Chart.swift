// Line charts as inline SVG, coloured by the page's style so that they are readable in light and dark.

internal import Foundation

/// Draws into a box of 760 by 300; axes may be logarithmic.
struct Chart {
    struct Line {
        var name: String
        /// Points with a y of nil interrupt the line.
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

    var title: String
    var xName: String
    var yName: String
    var lines: [Line]
    var markers: [Marker] = []
    /// A level to compare with.
    var level: (value: Double, name: String)?
    var isLogarithmic = false
    /// Nil draws round numbers.
    var xTicks: [Tick]?

    private static let width = 760.0
    private static let height = 300.0
    private static let box = (left: 64.0, top: 18.0, right: 16.0, bottom: 44.0)

    var svg: String {
        let ys = lines.flatMap { $0.points.compactMap(\.y) } + [level?.value].compactMap(\.self)
        let xs = lines.flatMap { $0.points.map(\.x) } + (xTicks ?? []).map(\.value)
        guard let leastX = xs.min(), let mostX = xs.max(), let mostY = ys.max(), mostY > 0 else {
            return "<p class=\"note\">\(Html.escape(title)): nothing to draw.</p>"
        }
        let leastY = isLogarithmic ? pow(10, log10(max(0.01, ys.filter { $0 > 0 }.min() ?? 1)).rounded(.down)) : 0
        let topY = isLogarithmic ? pow(10, log10(mostY).rounded(.up)) : Self.roundUp(mostY)
        let plane = Plane(
            x: leastX...max(mostX, leastX + 1e-9), y: leastY...max(topY, leastY * 10), isLogarithmic: isLogarithmic,
            left: Self.box.left, top: Self.box.top, right: Self.width - Self.box.right,
            bottom: Self.height - Self.box.bottom)
        var parts = [
            "<figure><figcaption>\(Html.escape(title))</figcaption>",
            "<svg viewBox=\"0 0 \(Int(Self.width)) \(Int(Self.height))\" role=\"img\" "
                + "aria-label=\"\(Html.escape(title))\">",
        ]
        parts += markers.map { draw($0, plane) } + grid(plane)
        if let level {
            let y = plane.y(level.value)
            parts.append("<path class=\"level\" d=\"M\(n(plane.left)) \(n(y))H\(n(plane.right))\"/>")
            parts.append(text(plane.right - 4, y - 5, level.name, "end", "tick"))
        }
        parts += lines.map { draw($0, plane) }
        parts.append("</svg>")
        if lines.count > 1 || lines.contains(where: { !$0.name.isEmpty }) { parts.append(legend) }
        parts.append("</figure>")
        return parts.joined(separator: "\n")
    }

    private struct Plane {
        var x: ClosedRange<Double>
        var y: ClosedRange<Double>
        var isLogarithmic: Bool
        var left: Double
        var top: Double
        var right: Double
        var bottom: Double

        func x(_ value: Double) -> Double {
            left + (value - x.lowerBound) / (x.upperBound - x.lowerBound) * (right - left)
        }

        func y(_ value: Double) -> Double {
            let share =
                isLogarithmic
                ? (log10(max(value, y.lowerBound)) - log10(y.lowerBound)) / (log10(y.upperBound) - log10(y.lowerBound))
                : (value - y.lowerBound) / (y.upperBound - y.lowerBound)
            return bottom - min(1, max(0, share)) * (bottom - top)
        }
    }

    // MARK: Parts

    private func draw(_ line: Line, _ plane: Plane) -> String {
        var path = ""
        var isDown = false
        for point in line.points {
            guard let y = point.y else {
                isDown = false
                continue
            }
            path += "\(isDown ? "L" : "M")\(n(plane.x(point.x))) \(n(plane.y(y)))"
            isDown = true
        }
        let style = "line c\(line.colour % 6)" + (line.isDashed ? " dashed" : "")
        return "<path class=\"\(style)\" d=\"\(path)\"/>"
    }

    private func draw(_ marker: Marker, _ plane: Plane) -> String {
        let from = max(plane.left, plane.x(marker.from))
        let to = min(plane.right, max(plane.x(marker.to), from + 1.5))
        let isRight = from > (plane.left + plane.right) / 2
        return
            "<rect class=\"\(marker.isFault ? "fault" : "aside")\" x=\"\(n(from))\" y=\"\(n(plane.top))\" width=\"\(n(to - from))\" "
            + "height=\"\(n(plane.bottom - plane.top))\"/>"
            + text(
                isRight ? from - 4 : to + 4, plane.top + 11, marker.name, isRight ? "end" : "start", "tick fault-name")
    }

    private func grid(_ plane: Plane) -> [String] {
        var parts: [String] = []
        for value in yTicks(plane) {
            let y = plane.y(value)
            parts.append("<path class=\"grid\" d=\"M\(n(plane.left)) \(n(y))H\(n(plane.right))\"/>")
            parts.append(text(plane.left - 8, y + 4, Self.number(value), "end", "tick"))
        }
        for tick in xTicks
            ?? Self.steps(plane.x.lowerBound, plane.x.upperBound, 8).map({ Tick(value: $0, name: Self.number($0)) })
        {
            let x = plane.x(tick.value)
            parts.append("<path class=\"grid\" d=\"M\(n(x)) \(n(plane.top))V\(n(plane.bottom))\"/>")
            parts.append(text(x, plane.bottom + 17, tick.name, "middle", "tick"))
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
        let items = lines.filter { !$0.name.isEmpty }.map { line in
            "<span><i class=\"c\(line.colour % 6)\(line.isDashed ? " dashed" : "")\"></i>\(Html.escape(line.name))</span>"
        }
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
