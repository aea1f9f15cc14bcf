import Glibc
import PeerState
import PeerTesting

// PeerBench [--small] [--search] [--ingest]: prints raw limits beside ours; on a shared machine the
// ratios are what counts.
let isSmall = CommandLine.arguments.contains("--small")
let rounds = isSmall ? 1 : 3
let cores = 2.0

Report.line(["measured", "raw", "ours", "ratio", "bar"])

func show(_ title: String, raw: Double, ours: Double, bar: Double) {
    let ratio = ours / raw
    Report.line([
        title, Report.rate(raw), Report.rate(ours), Report.ratio(ratio),
        "\(bar)\(ratio < bar ? " MISSED" : "")",
    ])
}

/// Alternates raw and ours and shows the medians; `seconds` gives the part of ours that counts.
func compare(
    _ title: String, raw: Benchmark, factor: Double, ours: Benchmark, bar: Double,
    seconds: () -> Double
) async throws {
    var raws: [Double] = []
    var own: [Double] = []
    for _ in 0..<rounds {
        raws.append(try await raw.rate(isSmall ? raw.small : raw.large) * factor)
        let count = isSmall ? ours.small : ours.large
        _ = try await ours.rate(count)
        own.append(Double(count) / seconds())
    }
    show(title, raw: Comparison.median(raws), ours: Comparison.median(own), bar: bar)
}

if CommandLine.arguments.contains("--search") {
    try SearchBenchmarks.report(count: isSmall ? 500 : 100_000)
    exit(0)
}
try await compare(
    "ingest ÷ (2 cores × Ed25519 verify)", raw: RawLimits.verify, factor: cores,
    ours: NodeBenchmarks.ingest, bar: 0.5, seconds: { NodeBenchmarks.ingestSeconds })
if CommandLine.arguments.contains("--ingest") { exit(0) }
try await compare(
    "durable sends, 1 in flight ÷ FULL commits", raw: RawLimits.fullCommit, factor: 1,
    ours: NodeBenchmarks.sends, bar: 0.5, seconds: { NodeBenchmarks.sendSeconds })
try await compare(
    "durable sends, 64 in flight ÷ FULL commits", raw: RawLimits.fullCommit, factor: 1,
    ours: NodeBenchmarks.groupedSends, bar: 0.5, seconds: { NodeBenchmarks.sendSeconds })

let hops = try await RawLimits.hop.rate(isSmall ? RawLimits.hop.small : RawLimits.hop.large)
Report.line(["executor round trip", Report.rate(hops)])

let wakes = try await NodeBenchmarks.wakeUps(isSmall ? 5 : 400)
Report.line([
    "send → waiting agent woken, ms (p50, p99)", "", Report.ratio(wakes[wakes.count / 2]),
    Report.ratio(wakes[wakes.count * 99 / 100]),
])

let starts = try ProcessBenchmarks.coldStarts(isSmall ? 1 : 15)
Report.line([
    "cold start → first answer, ms (p50, worst)", "",
    Report.ratio(starts[starts.count / 2] * 1_000), Report.ratio((starts.last ?? 0) * 1_000),
    "< 50",
])
let ping = try ProcessBenchmarks.pingRate(isSmall ? 64 : 30_000, window: 1)
Report.line(["stdio ping, 1 in flight", "", Report.rate(ping), "", ">= 8000/s"])
let pings = try ProcessBenchmarks.pingRate(isSmall ? 64 : 60_000, window: 64)
Report.line(["stdio ping, 64 in flight", "", Report.rate(pings)])
let memory = try ProcessBenchmarks.residentMegabytes()
Report.line(["resident memory, idle, MB", "", Report.ratio(memory), "", "< 40"])
try SearchBenchmarks.report(count: isSmall ? 500 : 100_000)
