/// What became of ephemeral messages, for Prometheus.
enum LiveMetrics {
    /// - Parameter counters: by names that begin with `ephemeral_`.
    static func text(_ counters: [String: UInt64]) -> String {
        let prefix = "ephemeral_"
        let values = counters.sorted { $0.key < $1.key }.map { name, value in
            (
                label: (name: "outcome", value: String(name.dropFirst(prefix.count))),
                value: value
            )
        }
        var text = PrometheusText()
        text.metric(
            "peer_agent_ephemeral_total", "counter",
            "Messages nobody stores, by what became of them.",
            values.map { (label: .some($0.label), value: $0.value) })
        return text.lines
    }
}
