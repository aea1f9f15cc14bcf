import PeerNode
import PeerState

extension ReachSnapshot {
    /// The part `relay` of a connection.
    var relayJSON: JSON {
        ["status": .string(relay.rawValue), "relays": JSON(relays.map(\.hex))]
    }

    /// The part `sync`: how many events of what was promised are still to come.
    var syncJSON: JSON {
        let behind = fetches.reduce(UInt64(0)) { $0 + ($1.total - min($1.have, $1.total)) }
        let servers = fetches.map { fetch -> JSON in
            [
                "server_id": .string(fetch.server.hex), "have": JSON(Int(fetch.have)),
                "total": JSON(Int(fetch.total)),
            ]
        }
        return ["behind": JSON(Int(behind)), "servers": .array(servers)]
    }

    /// Counters that are not zero, by name.
    var countersJSON: JSONObject {
        var object: JSONObject = [:]
        for (counter, value) in counters.all where value > 0 {
            object.append(counter.rawValue, JSON(Int(clamping: value)))
        }
        return object
    }

    /// What waits or is held now, if it is anything, by name.
    var gaugesJSON: JSONObject {
        var object: JSONObject = [:]
        for gauge in Gauge.allCases {
            guard let value = gauges[gauge], value > 0 else { continue }
            object.append(gauge.rawValue, JSON(Int(clamping: value)))
        }
        return object
    }

    /// The lines of `/metrics`.
    func write(to text: inout PrometheusText) {
        text.metric(
            "peer_agent_reach_total", "counter", "What links dropped, refused or tried again.",
            counters.all.map { (("what", Self.snake($0.counter.rawValue)), $0.value) })
        text.metric(
            "peer_agent_reach", "gauge", "What links hold and what waits.",
            Gauge.allCases.map { (("what", Self.snake($0.rawValue)), gauges[$0] ?? 0) })
    }

    private static func snake(_ name: String) -> String {
        name.reduce(into: "") { text, letter in
            if letter.isUppercase { text += "_" }
            text += letter.lowercased()
        }
    }
}
