import PeerNode
import PeerState

extension Limits {
    /// Members named as readers of one message; all are counted.
    static let readersListed = 64
}

/// Says who else can read a message, where that is more than its channel lets expect.
struct ReadersLabel {
    let found: MessageReaders
    /// Names of those who may not read the channel any more, in the order of their keys.
    let names: [String]

    init?(of message: MessageSnapshot, _ call: ToolCall) async throws {
        guard let found = try await call.port.readers(of: message.id) else { return nil }
        var names: [String] = []
        for peer in found.alsoReadableBy {
            names.append(Sanitiser.name(await call.port.shownName(peer, in: message.server)))
        }
        self.found = found
        self.names = names
    }

    var json: JSON {
        let others = zip(found.alsoReadableBy, names).map { peer, name -> JSON in
            .object(["peer_id": .string(peer.hex), "display_name": .string(name)])
        }
        return .object([
            "epoch": .string(found.epoch.hex),
            "key_made_at": .string(Calendar.seconds(found.keyMadeAtMilliseconds)),
            "member_count": JSON(found.readers.count),
            "members": JSON(found.readers.prefix(Limits.readersListed).map(\.hex)),
            "also_readable_by": .array(others),
            "stale_key": .bool(found.isStale),
        ])
    }

    /// A line below the message; `nil` when only readers of the channel hold the key.
    var text: String? {
        guard !names.isEmpty else { return nil }
        let who = "also readable by " + names.map { "@\($0)" }.joined(separator: ", ")
        return who + (found.isStale ? "; its author knew of a removal (stale key)" : "")
    }
}
