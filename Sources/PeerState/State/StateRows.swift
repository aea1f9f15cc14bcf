/// The rows of PROTOCOL 6.2 as bytes.
package enum StateRows {
    /// Section 8, for a message that was posted and neither edited nor deleted.
    static func message(_ id: Event.ID, _ info: MessageInfo) -> [UInt8] {
        var writer = CBORWriter(reserving: 192)
        writer.array(8)
        writer.unsigned(8)
        writer.identifier(id)
        writer.identifier(info.channel)
        writer.identifier(info.author)
        writer.optional(info.parent) { $0.identifier($1) }
        writer.identifier(id)
        writer.unsigned(1)
        writer.unsigned(0)
        return writer.bytes
    }

    /// Section 15.
    static func void(_ id: Event.ID) -> [UInt8] {
        var writer = CBORWriter()
        writer.array(2)
        writer.unsigned(15)
        writer.identifier(id)
        return writer.bytes
    }

    /// Every row of the sections that are not summed incrementally, with its section number.
    package static func few(of state: ServerState) -> [(section: Int, row: [UInt8])] {
        var rows: [(section: Int, row: [UInt8])] = []
        guard state.isFounded else { return rows }
        rows.append((1, server(state)))
        for peer in everMembers(state) { rows.append((2, member(peer, state))) }
        for peer in state.members(at: state.now) {
            rows.append((3, permissions(peer, state)))
            if let prekey = state.prekey(of: peer, at: state.now) {
                rows.append((12, prekeyRow(peer, prekey)))
            }
        }
        for info in state.holdingChannels { rows.append((7, channel(info))) }
        for peer in everMembers(state) {
            for (number, field) in state.profiles[peer] ?? [:]
            where field.value != [0xf6] {
                rows.append((11, profile(peer, number, field.value)))
            }
        }
        for epoch in state.epochs.values { rows.append((13, epochRow(epoch))) }
        return rows
    }

    private static func everMembers(_ state: ServerState) -> [Peer.ID] {
        state.members(at: state.now)
    }

    private static func server(_ state: ServerState) -> [UInt8] {
        var writer = CBORWriter()
        writer.array(6)
        writer.unsigned(1)
        writer.text(state.created?.name ?? "")
        writer.text("")
        writer.optional(state.owner) { $0.identifier($1) }
        writer.unsigned(state.isDirect ? 1 : 0)
        writer.array(2)
        writer.unsigned(0)
        writer.unsigned(0)
        return writer.bytes
    }

    private static func member(_ peer: Peer.ID, _ state: ServerState) -> [UInt8] {
        let standing = state.standing(of: peer)
        var writer = CBORWriter()
        writer.array(6)
        writer.unsigned(2)
        writer.identifier(peer)
        writer.unsigned(1)
        writer.unsigned(standing?.level.rawValue ?? 0)
        writer.optional(standing?.proof) { $0.identifier($1) }
        writer.optional(standing?.proof.flatMap { state.grants[$0]?.attenuation }) {
            $1.write(to: &$0)
        }
        return writer.bytes
    }

    private static func permissions(_ peer: Peer.ID, _ state: ServerState) -> [UInt8] {
        var writer = CBORWriter()
        writer.array(3)
        writer.unsigned(3)
        writer.identifier(peer)
        writer.unsigned(state.permissions(of: peer, at: state.now).rawValue)
        return writer.bytes
    }

    private static func channel(_ info: ChannelInfo) -> [UInt8] {
        var writer = CBORWriter()
        writer.array(9)
        writer.unsigned(7)
        writer.identifier(info.id)
        writer.text(info.name)
        writer.text(info.topic)
        writer.unsigned(info.isVoice ? 1 : 0)
        writer.unsigned(info.history.rawValue)
        writer.optional(info.readers) { $0.identifiers($1) }
        writer.optional(info.idleMilliseconds) { $0.unsigned($1) }
        writer.unsigned(info.activity)
        return writer.bytes
    }

    private static func profile(_ peer: Peer.ID, _ number: UInt64, _ value: [UInt8]) -> [UInt8] {
        var writer = CBORWriter()
        writer.array(4)
        writer.unsigned(11)
        writer.identifier(peer)
        writer.unsigned(number)
        writer.encoded(value)
        return writer.bytes
    }

    private static func prekeyRow(_ peer: Peer.ID, _ prekey: Prekey) -> [UInt8] {
        var writer = CBORWriter()
        writer.array(4)
        writer.unsigned(12)
        writer.identifier(peer)
        writer.identifier(prekey.event)
        writer.identifier(prekey.key)
        return writer.bytes
    }

    private static func epochRow(_ epoch: EpochInfo) -> [UInt8] {
        var writer = CBORWriter()
        writer.array(6)
        writer.unsigned(13)
        writer.identifier(epoch.channel)
        writer.identifier(epoch.id)
        writer.identifier(epoch.author)
        writer.unsigned(epoch.depth)
        writer.unsigned(0)
        return writer.bytes
    }
}

extension ServerState {
    /// Channels that hold a place: the first `maxChannels` in canonical order (PROTOCOL 12).
    package var holdingChannels: [ChannelInfo] {
        Array(channels.values.sorted { $0.order < $1.order }.prefix(Limits.maxChannels))
    }
}
