package import PeerState

/// A server of many members with a prekey each, and one channel that all of them read.
package struct KeyCrowd {
    package private(set) var replica: Replica
    package let channel: Channel.ID
    /// The first is the owner.
    package let members: [SigningKey]
    package let prekeys: [ExchangeKey]
    package private(set) var keys = KeyRing()
    package var entropy: Entropy
    private static let wall: UInt64 = 1_700_000_000_000

    package init(_ count: Int, seed: UInt64 = 5) throws {
        var entropy = Entropy.seeded(SeededRandom(seed: seed))
        members = (0..<count).map { _ in SigningKey(seed: entropy.bytes(32)) }
        prekeys = (0..<count).map { _ in ExchangeKey.generate(&entropy) }
        let body = ServerCreated(
            name: "Harbour", isDirect: false, participants: [], nonce: entropy.bytes(16))
        var (replica, _) = try Replica.found(body, by: Self.writer(members[0]))
        for member in members.dropFirst() {
            let grant = MemberGranted(target: member.publicKey, level: .member)
            _ = try replica.author(grant, by: Self.writer(members[0]))
        }
        for (member, prekey) in zip(members, prekeys) {
            _ = try replica.author(
                PrekeyPublished(key: prekey.publicKey), by: Self.writer(member))
        }
        let made = try replica.author(ChannelCreated(name: "all"), by: Self.writer(members[0]))
        guard let channel = made.last.map({ Channel.ID($0.event.id) }) else {
            throw Failure(RuleCode.storeFailed)
        }
        self.channel = channel
        self.replica = replica
        self.entropy = entropy
    }

    private static func writer(_ key: SigningKey) -> Replica.Writer {
        Replica.Writer(key: key, wallMilliseconds: wall)
    }

    /// A rotation by the owner, as yet unsigned.
    package mutating func draft() -> Rotation.Draft {
        Rotation.draft(
            channel: channel, author: members[0].publicKey, state: replica.state, keys: keys,
            &entropy)
    }

    /// Signs and takes in what the owner drafted; its key is kept.
    ///
    /// - Returns: the bytes of each event.
    package mutating func write(_ draft: Rotation.Draft) throws -> [Int] {
        var sizes: [Int] = []
        var last: Event.ID?
        for part in draft.parts {
            for item in try replica.author(part, by: Self.writer(members[0])) {
                sizes.append(item.envelope.bytes.count)
                last = item.event.id
            }
        }
        if let last { keys.add(draft.key, for: Epoch.ID(last)) }
        return sizes
    }

    package mutating func write(
        _ body: any EventBody, by member: Int = 0
    ) throws -> Event.ID? {
        try replica.author(body, by: Self.writer(members[member])).last?.event.id
    }

    package var newest: EpochInfo? { replica.state.newestEpoch(of: channel) }

    /// What one member's own box gives, by its place among the readers.
    package func opens(_ member: Int, _ draft: Rotation.Draft) -> [UInt8]? {
        let readers = replica.state.sealableReaders(of: channel, at: replica.state.now)
        let boxes = draft.parts.flatMap(\.boxes)
        guard
            let index = readers.firstIndex(where: { $0.peer == members[member].publicKey }),
            boxes.indices.contains(index)
        else { return nil }
        return prekeys[member].open(boxes[index])
    }
}
