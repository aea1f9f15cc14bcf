/// What is counted since the start, for Prometheus.
struct HTTPMetrics: Sendable {
    var connections: UInt64 = 0
    var requests: UInt64 = 0
    var frames: UInt64 = 0
    /// Notifications that a client was too slow for.
    var dropped: UInt64 = 0
    var failedAccess: UInt64 = 0
    var rateLimited: UInt64 = 0
    var refused: [String: UInt64] = [:]
    private(set) var responses: [Int: UInt64] = [:]

    mutating func count(status: Int) { responses[status, default: 0] += 1 }

    /// - Source: Prometheus exposition format 0.0.4.
    func text(gauges: [(name: String, help: String, value: UInt64)]) -> String {
        var text = PrometheusText()
        let counters: [(String, String, UInt64)] = [
            ("connections_total", "Connections accepted.", connections),
            ("requests_total", "Requests read to their end.", requests),
            ("stream_frames_total", "Messages written to streams.", frames),
            ("stream_dropped_total", "Messages left out for slow readers.", dropped),
            ("access_refused_total", "Tokens that were refused.", failedAccess),
            ("rate_limited_total", "Requests over a limit.", rateLimited),
        ]
        for (name, help, value) in counters {
            text.metric("peer_agent_http_" + name, "counter", help, [(nil, value)])
        }
        text.metric(
            "peer_agent_http_responses_total", "counter", "Responses by status.",
            responses.sorted { $0.key < $1.key }.map { (("status", "\($0.key)"), $0.value) })
        text.metric(
            "peer_agent_http_malformed_total", "counter", "Connections refused by the parser.",
            refused.sorted { $0.key < $1.key }.map { (("code", $0.key), $0.value) })
        for gauge in gauges {
            text.metric(
                "peer_agent_" + gauge.name, "gauge", gauge.help, [(nil, gauge.value)])
        }
        return text.lines
    }
}

/// Collects lines of the Prometheus text format.
struct PrometheusText {
    private(set) var lines = ""

    mutating func metric(
        _ name: String, _ kind: String, _ help: String,
        _ values: [(label: (name: String, value: String)?, value: UInt64)]
    ) {
        lines += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
        for (label, value) in values {
            let shown = label.map { "{\($0.name)=\"\($0.value)\"}" } ?? ""
            lines += "\(name)\(shown) \(value)\n"
        }
    }
}
