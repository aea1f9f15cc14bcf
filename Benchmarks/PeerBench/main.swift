import Glibc
import PeerState
import PeerTesting

// PeerBench [--small] [--ingest] [--receive | --sends | --state | --restart | --search | --files |
// --keys]
// Prints raw limits beside ours; on a shared machine the ratios are what counts. The last seven run
// one load alone, for a profiler.
let isSmall = CommandLine.arguments.contains("--small")
let rounds = isSmall ? 1 : 3

Report.line(["measured", "raw", "ours", "ratio", "bar"])

/// - Parameter bar: the least ratio wanted; `nil` = none is.
func show(_ title: String, raw: Double, ours: Double, bar: Double?) {
    let ratio = ours / raw
    Report.line([
        title, Report.rate(raw), Report.rate(ours), Report.ratio(ratio),
        bar.map { "\($0)\(ratio < $0 ? " MISSED" : "")" } ?? "",
    ])
}

/// Alternates raw and ours and shows the medians; `time` gives the part of ours that counts.
///
/// - Parameter isParallel: also shows the part of the processors' time that `raw` alone would take,
///   which is the ratio where nothing else runs and nothing waits.
func compare(
    _ title: String, raw: Benchmark, ours: Benchmark, isParallel: Bool, bar: Double?,
    time: () -> Stopwatch.Reading
) async throws {
    var raws: [Double] = []
    var own: [Double] = []
    var shares: [Double] = []
    for _ in 0..<rounds {
        let watch = Stopwatch()
        let rawCount = isSmall ? raw.small : raw.large
        raws.append(try await raw.rate(rawCount))
        let rawEach = watch.read().processorSeconds / Double(rawCount)
        let count = isSmall ? ours.small : ours.large
        _ = try await ours.rate(count)
        own.append(Double(count) / time().seconds)
        shares.append(rawEach * Double(count) / time().processorSeconds)
    }
    show(title, raw: Comparison.median(raws), ours: Comparison.median(own), bar: bar)
    if isParallel {
        let share = Report.ratio(Comparison.median(shares))
        Report.line(["  the same by processor time", "", "", share])
    }
}

if CommandLine.arguments.contains("--receive") {
    _ = try await ReceiveBenchmark.receive.rate(isSmall ? 50 : 48_000)
    exit(0)
}
if CommandLine.arguments.contains("--sends") {
    _ = try await NodeBenchmarks.sends.rate(isSmall ? 10 : 8_000)
    exit(0)
}
if CommandLine.arguments.contains("--state") {
    try StateBenchmarks.report(count: isSmall ? 20_000 : 1_000_000)
    exit(0)
}
if CommandLine.arguments.contains("--restart") {
    try await RestartBenchmarks.report(count: isSmall ? 2_000 : 1_000_000)
    exit(0)
}
if CommandLine.arguments.contains("--search") {
    try SearchBenchmarks.report(count: isSmall ? 500 : 100_000)
    exit(0)
}
if CommandLine.arguments.contains("--keys") {
    try KeyBenchmarks.report(members: 256, messages: isSmall ? 500 : 100_000, rounds: rounds)
    exit(0)
}
if CommandLine.arguments.contains("--files") {
    try await FileBenchmarks.report(mebibytes: isSmall ? 4 : 256, rounds: rounds)
    exit(0)
}
try await compare(
    "ingest, shown and read ÷ verify on every core", raw: RawLimits.verify,
    ours: ReceiveBenchmark.receive, isParallel: true, bar: 0.5, time: { ReceiveBenchmark.time })
try await compare(
    "ingest: check, store, fold ÷ the same", raw: RawLimits.verify,
    ours: ReceiveBenchmark.store, isParallel: true, bar: 0.8, time: { ReceiveBenchmark.time })
try await compare(
    "the same with its sender on the same cores", raw: RawLimits.verify,
    ours: NodeBenchmarks.ingest, isParallel: true, bar: nil, time: { NodeBenchmarks.ingestTime })
if CommandLine.arguments.contains("--ingest") { exit(0) }
try await compare(
    "durable sends, 1 in flight ÷ FULL commits", raw: RawLimits.fullCommit,
    ours: NodeBenchmarks.sends, isParallel: false, bar: 0.5, time: { NodeBenchmarks.sendTime })
try await compare(
    "durable sends, 64 in flight ÷ FULL commits", raw: RawLimits.fullCommit,
    ours: NodeBenchmarks.groupedSends, isParallel: false, bar: 0.5,
    time: { NodeBenchmarks.sendTime })

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
try StateBenchmarks.report(count: isSmall ? 20_000 : 1_000_000)
try await RestartBenchmarks.report(count: isSmall ? 2_000 : 1_000_000)
try KeyBenchmarks.report(members: 256, messages: isSmall ? 500 : 100_000, rounds: rounds)
