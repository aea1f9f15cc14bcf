import PeerNode
import PeerState

extension OfferSnapshot {
    /// As the list of servers shows what can still be accepted.
    var json: JSON {
        [
            "server_id": .string(server.hex), "name": .string(Sanitiser.name(name, 100)),
            "kind": isDirect ? "direct" : "group", "from": .string(from.hex),
            "from_name": .string(Sanitiser.name(fromName)),
        ]
    }
}
