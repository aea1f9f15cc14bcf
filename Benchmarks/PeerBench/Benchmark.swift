import PeerNet
import PeerState

/// One thing measured: `run` does it `count` times and returns what keeps the optimizer honest.
struct Benchmark: Sendable {
    let name: String
    /// The size the tests run, so that no benchmark can rot.
    let small: Int
    let large: Int
    let run: @Sendable (Int) async throws -> Int

    /// Runs once and returns operations per second.
    func rate(_ count: Int) async throws -> Double {
        let start = SystemClock.now()
        let checksum = try await run(count)
        let elapsed = Double(max(SystemClock.now().nanoseconds - start.nanoseconds, 1)) / 1e9
        precondition(checksum != .min, "benchmark \(name) returned nothing")
        return Double(count) / elapsed
    }
}

/// Numbers of repeated runs.
enum Comparison {
    static func median(_ values: [Double]) -> Double {
        values.sorted()[values.count / 2]
    }
}

/// Prints numbers in columns.
enum Report {
    static func line(_ cells: [String]) {
        let widths = [46, 14, 14, 9, 9]
        var text = ""
        for (cell, width) in zip(cells, widths) {
            text += cell + String(repeating: " ", count: max(1, width - cell.count))
        }
        print(text)
    }

    static func rate(_ value: Double) -> String {
        value >= 1_000 ? "\(Int(value))/s" : "\(Double(Int(value * 10)) / 10)/s"
    }

    static func ratio(_ value: Double) -> String { "\(Double(Int(value * 100)) / 100)" }
}
