/// The rows of PROTOCOL 6.2 as bytes.
package enum StateRows {
    private static func row(_ section: UInt64, _ count: Int, _ body: (inout CBORWriter) -> Void)
        -> [UInt8]
    {
        var writer = CBORWriter(reserving: 192)
        writer.array(count)
        writer.unsigned(section)
        body(&writer)
        return writer.bytes
    }

    static func message(_ slot: Slot, in channel: Channel.ID, _ state: ServerState) -> [UInt8] {
        message(
            slot, in: channel, text: state.textSlot(of: slot), isDeleted: state.isDeleted(slot),
            state)
    }

    /// The same of what was looked up before.
    static func message(
        _ slot: Slot, in channel: Channel.ID, text: Slot, isDeleted: Bool, _ state: ServerState
    ) -> [UInt8] {
        row(8, 8) { writer in
            writer.identifier(state.graph.id(slot))
            writer.identifier(channel)
            writer.identifier(state.graph.peer(slot))
            writer.optional(state.content.parents[slot]) { $0.identifier(state.graph.id($1)) }
            writer.identifier(state.graph.id(text))
            writer.unsigned(isDeleted ? 3 : text == slot ? 1 : 2)
            writer.unsigned(state.graph.flags(slot).contains(.marked) ? 1 : 0)
        }
    }

    static func reaction(_ slot: Slot, to message: Slot, _ state: ServerState) -> [UInt8] {
        row(9, 4) { writer in
            writer.identifier(state.graph.id(message))
            writer.identifier(state.graph.id(slot))
            writer.identifier(state.graph.peer(slot))
        }
    }

    static func void(_ id: Event.ID) -> [UInt8] {
        row(15, 2) { $0.identifier(id) }
    }

    /// Every row of the sections that are not summed incrementally, with its section number.
    package static func few(of state: ServerState) -> [(section: Int, row: [UInt8])] {
        guard state.isFounded else { return [] }
        var rows: [(section: Int, row: [UInt8])] = [(1, server(state))]
        rows += people(of: state)
        rows += roles(of: state)
        for (slot, proposal) in state.authority.proposals where state.graph.isEffective(slot) {
            rows.append((5, self.proposal(slot, proposal, state)))
        }
        for slot in state.authority.links.keys where state.graph.isEffective(slot) {
            rows.append((6, link(slot, state)))
        }
        for record in state.holdingRecords {
            if let info = state.channel(record.id) { rows.append((7, channel(info))) }
            for entry in state.pins(of: record) {
                rows.append((10, pin(entry.message, entry.pin, record.id, state)))
            }
            for id in record.epochIDs where state.isEffective(epoch: id) {
                if let epoch = state.epochs[id] { rows.append((13, self.epoch(epoch, state))) }
            }
        }
        for (author, fork) in state.current.forks {
            guard let seq = fork.seq else { continue }
            rows.append((14, forked(state.graph.peer(author), seq)))
        }
        return rows
    }

    /// The rows of sections 8, 9 and 15, made by walking every event: what the sums must equal.
    package static func many(of state: ServerState) -> [(section: Int, row: [UInt8])] {
        var rows: [(section: Int, row: [UInt8])] = []
        let holding = Set(state.holdingRecords.map(\.slot))
        for index in 0..<Int32(state.graph.count) {
            let slot = Slot(index: index)
            let flags = state.graph.flags(slot)
            if !flags.contains(.loose), !flags.isDisjoint(with: [.inadmissible, .void]) {
                rows.append((15, void(state.graph.id(slot))))
            }
            guard state.message(slot) != nil, let channel = state.content.subject(of: slot),
                holding.contains(channel), let record = state.channelRecords[channel]
            else { continue }
            rows.append((8, message(slot, in: record.id, state)))
            for (reaction, _) in state.reactions(to: state.graph.id(slot)) {
                guard let reaction = state.graph.slot(of: reaction) else { continue }
                rows.append((9, self.reaction(reaction, to: slot, state)))
            }
        }
        return rows
    }

    private static func people(of state: ServerState) -> [(section: Int, row: [UInt8])] {
        var rows: [(section: Int, row: [UInt8])] = []
        for peer in state.everMembers(at: state.now) {
            let standing = state.standing(of: peer)
            rows.append((2, member(peer, standing, state)))
            if standing != nil {
                rows.append((3, permissions(peer, state)))
                if let prekey = state.prekey(of: peer, at: state.now) {
                    rows.append((12, prekeyRow(peer, prekey)))
                }
            }
            for number in (state.profiles[peer] ?? [:]).keys {
                if let value = state.profileValue(peer, number) {
                    rows.append((11, profile(peer, number, value)))
                }
            }
        }
        return rows
    }

    private static func roles(of state: ServerState) -> [(section: Int, row: [UInt8])] {
        state.liveRoles(at: state.now).map { role in
            let bits = state.permissions(ofRole: role, at: state.now)
            let bytes = row(4, 5) { writer in
                writer.identifier(state.graph.id(role))
                writer.text(state.roleName(role, at: state.now))
                writer.unsigned(bits.rawValue)
                writer.identifiers(state.holders(ofRole: role, at: state.now))
            }
            return (4, bytes)
        }
    }

    private static func server(_ state: ServerState) -> [UInt8] {
        row(1, 6) { writer in
            writer.text(state.isDirect ? state.created?.name ?? "" : state.name)
            writer.text(state.description)
            writer.optional(state.owner) { $0.identifier($1) }
            writer.unsigned(state.isDirect ? 1 : 0)
            state.threshold(at: state.now).write(to: &writer)
        }
    }

    private static func member(
        _ peer: Peer.ID, _ standing: Standing?, _ state: ServerState
    ) -> [UInt8] {
        row(2, 6) { writer in
            writer.identifier(peer)
            writer.unsigned(state.status(of: peer, at: state.now).rawValue)
            writer.unsigned(standing?.level.rawValue ?? 0)
            writer.optional(standing?.proof) { $0.identifier($1) }
            let grant = standing?.grant.flatMap { state.authority.grants[$0] }
            writer.optional(grant?.target == peer ? grant?.attenuation : nil) {
                $1.write(to: &$0)
            }
        }
    }

    private static func permissions(_ peer: Peer.ID, _ state: ServerState) -> [UInt8] {
        row(3, 3) { writer in
            writer.identifier(peer)
            writer.unsigned(state.permissions(of: peer, at: state.now).rawValue)
        }
    }

    private static func proposal(
        _ slot: Slot, _ proposal: AuthorityIndex.Proposal, _ state: ServerState
    ) -> [UInt8] {
        let tally = state.tally(of: slot, proposal, at: state.now)
        return row(5, 5) { writer in
            writer.identifier(state.graph.id(slot))
            writer.unsigned(state.status(of: slot, proposal, tally).rawValue)
            writer.unsigned(UInt64(tally.yes))
            writer.unsigned(UInt64(tally.no))
        }
    }

    private static func link(_ slot: Slot, _ state: ServerState) -> [UInt8] {
        let uses = state.uses(of: slot)
        return row(6, 4) { writer in
            writer.identifier(state.graph.id(slot))
            writer.unsigned(state.linkStatus(of: slot, uses: uses).rawValue)
            writer.unsigned(UInt64(uses))
        }
    }

    private static func channel(_ info: ChannelInfo) -> [UInt8] {
        row(7, 9) { writer in
            writer.identifier(info.id)
            writer.text(info.name)
            writer.text(info.topic)
            writer.unsigned(info.isVoice ? 1 : 0)
            writer.unsigned(info.history.rawValue)
            writer.optional(info.readers) { $0.identifiers($1) }
            writer.optional(info.idleMilliseconds) { $0.unsigned($1) }
            writer.unsigned(info.activity)
        }
    }

    private static func pin(
        _ message: Slot, _ pin: Slot, _ channel: Channel.ID, _ state: ServerState
    ) -> [UInt8] {
        row(10, 4) { writer in
            writer.identifier(channel)
            writer.identifier(state.graph.id(message))
            writer.identifier(state.graph.id(pin))
        }
    }

    private static func profile(_ peer: Peer.ID, _ number: UInt64, _ value: [UInt8]) -> [UInt8] {
        row(11, 4) { writer in
            writer.identifier(peer)
            writer.unsigned(number)
            writer.encoded(value)
        }
    }

    private static func prekeyRow(_ peer: Peer.ID, _ prekey: Prekey) -> [UInt8] {
        row(12, 4) { writer in
            writer.identifier(peer)
            writer.identifier(prekey.event)
            writer.identifier(prekey.key)
        }
    }

    private static func epoch(_ epoch: EpochInfo, _ state: ServerState) -> [UInt8] {
        row(13, 6) { writer in
            writer.identifier(epoch.channel)
            writer.identifier(epoch.id)
            writer.identifier(epoch.author)
            writer.unsigned(epoch.depth)
            writer.unsigned(UInt64(state.faultCount(of: epoch)))
        }
    }

    private static func forked(_ peer: Peer.ID, _ seq: UInt64) -> [UInt8] {
        row(14, 3) { writer in
            writer.identifier(peer)
            writer.unsigned(seq)
        }
    }
}
