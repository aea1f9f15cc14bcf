import PeerState

extension OracleView {
    /// The create event of a channel in force: kind 50, or the server's own in a direct one.
    func channel(_ id: Event.ID?) -> Int? {
        guard let number = world.number(id), isInForce(number) else { return nil }
        let kind = event(number).kind
        return kind == 50 || (kind == 0 && world.isDirect) ? number : nil
    }

    func channelProblem(_ id: Event.ID?) -> String? {
        guard channel(id) != nil else { return "unknownTarget" }
        return inForce(51).contains { event($0).event(0) == id } ? "channelDeleted" : nil
    }

    /// Channels that are not deleted and have a place, in canonical order of their creation.
    var liveChannels: [Int] {
        let all = world.isDirect ? inForce(0) : inForce(50)
        let live = all.filter { channelProblem(event($0).id) == nil }
        return Array(live.prefix(world.limits.channels))
    }

    /// The roles that may read a channel, `nil` when everybody may.
    func readerRoles(_ channel: Int) -> CBORValue {
        if world.isDirect { return .null }
        let id = event(channel).id
        guard let access = inForce(54).last(where: { event($0).event(0) == id }) else {
            return event(channel).item(4)
        }
        return event(access).item(1)
    }

    func isReader(_ peer: Peer.ID, of channel: Int) -> Bool {
        guard let grant = active[peer] else { return false }
        let id = event(channel).id
        guard world.attenuations(under: grant).allSatisfy({ $0.allows(channel: id) }) else {
            return false
        }
        guard let roles = readerRoles(channel).items else { return true }
        return roles.contains { role in
            role.identifier().map { hasRole(peer, $0) } ?? false
        }
    }

    /// The event of a peer's prekey: of the greatest seq the smallest id.
    func prekey(_ peer: Peer.ID) -> Int? {
        inForce(80).filter { event($0).author == peer }.min {
            (UInt64.max - event($0).seq, event($0).id) < (UInt64.max - event($1).seq, event($1).id)
        }
    }

    /// Readers with a prekey, in order of their keys.
    func sealableReaders(_ channel: Int) -> [Peer.ID] {
        active.keys.filter { isReader($0, of: channel) && prekey($0) != nil }.sorted()
    }

    /// The last parts of the rotations in force.
    func epochs(_ channel: Event.ID) -> [Int] {
        inForce(81).filter {
            event($0).event(0) == channel && event($0).number(5) + 1 == event($0).number(6)
        }
    }

    func epoch(_ id: Event.ID?, of channel: Event.ID?) -> Int? {
        guard let id, let channel else { return nil }
        return epochs(channel).first { event($0).id == id }
    }

    /// The parents a rotation written now must name.
    func parents(_ channel: Event.ID) -> [Event.ID] {
        let all = epochs(channel)
        let depth = all.map { world.epochDepth($0) }.max()
        let deepest = all.filter { world.epochDepth($0) == depth }.map { event($0).id }
        return Array(deepest.sorted().prefix(4))
    }

    /// Whether a peer was given the key of an epoch, by its rotation or by a share.
    func isRecipient(_ peer: Peer.ID, of epoch: Int) -> Bool {
        if world.recipients(epoch).contains(peer) { return true }
        let id = event(epoch).id
        return inForce(82).contains {
            event($0).peer(1) == peer && event($0).events(2).contains(id)
        }
    }
}

extension OracleWorld {
    /// The parts of a rotation up to this one, first part first.
    func parts(_ number: Int) -> [Int] {
        var result = [number]
        while let first = result.first, events[first].number(5) > 0, let before = prev(first),
            events[before].kind == 81, events[before].number(5) + 1 == events[first].number(5)
        {
            result.insert(before, at: 0)
        }
        return result
    }

    func boxes(_ number: Int) -> [[UInt8]] {
        parts(number).flatMap { events[$0].items(7).compactMap(\.blob) }
    }

    /// Who a rotation was sealed to: readers of part 0's past whose box is not empty.
    func recipients(_ epoch: Int) -> [Peer.ID] {
        let view = viewBefore(parts(epoch)[0])
        guard let channel = view.channel(events[epoch].event(0)) else { return [] }
        return zip(view.sealableReaders(channel), boxes(epoch)).compactMap { reader, box in
            box.allSatisfy { $0 == 0 } ? nil : reader
        }
    }

    /// 0 without parents, else one more than the deepest of them, void or not.
    func epochDepth(_ epoch: Int) -> Int {
        let parents = events[epoch].events(2).compactMap { number($0) }
        return parents.map { epochDepth($0) + 1 }.max() ?? 0
    }
}
