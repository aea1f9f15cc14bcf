import PeerNode
import PeerState

/// Ids and snapshots with known bytes.
enum Fake {
    static let serverID: Server.ID = id(0x51, 1)
    static let generalID: Channel.ID = channelID(1)

    /// `kind` and the number in the first eight bytes, then `kind` again: ids differ in the 16
    /// digits that are shown.
    static func id<Kind>(_ kind: UInt8, _ number: UInt64) -> Identifier<Kind> {
        var bytes = withUnsafeBytes(of: number.bigEndian) { Array($0) }
        bytes[0] = kind
        bytes += Array(repeating: kind, count: 24)
        guard let id = Identifier<Kind>(bytes) else { preconditionFailure("32 bytes") }
        return id
    }

    static func peer(_ number: UInt64) -> Peer.ID { id(0x0A, number) }
    static func channelID(_ number: UInt64) -> Channel.ID { id(0x0C, number) }
    static func event(_ number: UInt64) -> Event.ID { id(0x0E, number) }

    static func server(_ number: UInt64 = 1, name: String = "Home") -> ServerSnapshot {
        ServerSnapshot(
            id: id(0x51, number), name: name, description: "Where we live", isDirect: false,
            owner: peer(1), level: "owner",
            permissions: ["SendMessages"], memberCount: 2, displayName: "me",
            createdAtMilliseconds: FakePort.start, threshold: "majority")
    }

    static func channel(
        _ number: UInt64 = 1, name: String = "general", server: Server.ID = serverID
    ) -> ChannelSnapshot {
        ChannelSnapshot(
            id: channelID(number), server: server, name: name, topic: "", isVoice: false,
            history: "all", isRestricted: false, channelSeq: 0, lastAtMilliseconds: nil)
    }

    static func member(_ number: UInt64, _ name: String) -> MemberSnapshot {
        MemberSnapshot(
            id: peer(number), displayName: name, level: "member", isOnline: true,
            isAgent: false, joinedAtMilliseconds: FakePort.start)
    }

    static func message(
        _ number: UInt64, _ text: String = "hello", author: UInt64 = 2, name: String = "ann",
        channel: Channel.ID = generalID, at: UInt64? = nil
    ) -> MessageSnapshot {
        MessageSnapshot(
            id: event(number), server: serverID, channel: channel, author: peer(author),
            authorName: name, text: text, parent: nil, lamport: number, authorSeq: number,
            atMilliseconds: at ?? FakePort.start + number * 60_000, isClamped: false, feed: 0,
            channelSeq: 0, isMention: false, isLocal: false, isAgent: false, isLate: false,
            principal: nil, trust: "member", epoch: id(0x4B, 1))
    }

    /// A message whose id differs from that of `message(number)` in its last byte only.
    static func message(_ number: UInt64, lastByte: UInt8) -> MessageSnapshot {
        var message = message(number)
        guard let id = Event.ID(message.id.bytes.dropLast() + [lastByte]) else {
            preconditionFailure("32 bytes")
        }
        message.id = id
        message.lamport += 1_000
        return message
    }

    static func link() -> LinkSnapshot {
        LinkSnapshot(
            peer: peer(2), displayName: "ann", address: "10.0.0.2:4646",
            sinceMilliseconds: FakePort.start, servers: [serverID])
    }

    static func position(_ message: MessageSnapshot) -> DisplayPosition {
        DisplayPosition(
            lamport: message.lamport, author: message.author, seq: message.authorSeq)
    }
}
