import PeerNode
import PeerState

extension ReachSnapshot {
    /// The part `relay` of a connection.
    var relayJSON: JSON {
        var object: JSONObject = ["status": .string(relay.rawValue)]
        if !relays.isEmpty { object.append("relays", JSON(relays.map(\.hex))) }
        return .object(object)
    }

    /// The part `sync`: how many events of what was promised are still to come.
    var syncJSON: JSON {
        let behind = fetches.reduce(UInt64(0)) { $0 + ($1.total - min($1.have, $1.total)) }
        var object: JSONObject = ["behind": JSON(behind)]
        let servers = fetches.map { fetch -> JSON in
            [
                "server_id": .string(fetch.server.hex), "have": JSON(fetch.have),
                "total": JSON(fetch.total),
            ]
        }
        if !servers.isEmpty { object.append("servers", .array(servers)) }
        return .object(object)
    }

    /// Appends what was counted and what waits, as far as it is anything.
    func appendNumbers(to object: inout JSONObject) {
        if !countersJSON.members.isEmpty { object.append("counters", .object(countersJSON)) }
        if !gaugesJSON.members.isEmpty { object.append("queues", .object(gaugesJSON)) }
    }

    /// Counters that are not zero, by name.
    var countersJSON: JSONObject {
        var object: JSONObject = [:]
        for (counter, value) in counters.all where value > 0 {
            object.append(counter.rawValue, JSON(value))
        }
        return object
    }

    /// What waits or is held now, if it is anything, by name.
    var gaugesJSON: JSONObject {
        var object: JSONObject = [:]
        for gauge in Gauge.allCases {
            guard let value = gauges[gauge], value > 0 else { continue }
            object.append(gauge.rawValue, JSON(value))
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
