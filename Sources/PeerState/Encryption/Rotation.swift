/// Makes the events that give channel keys to readers.
package enum Rotation {
    /// A rotation ready to be written, and the key it makes.
    package struct Draft {
        /// In order; written as one act.
        package let parts: [KeyRotated]
        package let key: SecretBytes
    }

    /// A new epoch for everyone who may read `channel` now.
    ///
    /// - Shape: one part per 384 sealable readers.
    package static func draft(
        channel: Channel.ID, author: Peer.ID, state: ServerState, keys: KeyRing,
        _ entropy: inout Entropy
    ) -> Draft {
        var key = entropy.bytes(32)
        defer { Sodium.wipe(&key) }
        let salt = entropy.bytes(32)
        let context = ChannelCrypto.context(
            server: state.id, channel: channel, author: author, salt: salt)
        let readers = state.sealableReaders(of: channel, at: state.now)
        let boxes = readers.map { $0.prekey.seal(key, &entropy) }
        let parents = state.rotationParents(of: channel, at: state.now)
        let place = ChannelCrypto.PreviousPlace(
            server: state.id, channel: channel, context: context)
        var prevBoxes: [[UInt8]] = []
        if state.channel(channel)?.history == .all {
            for parent in parents {
                prevBoxes.append(wrap(parent, keys, under: key, in: place, &entropy))
            }
        }
        let size = Limits.boxesPerPart
        let count = max(1, (boxes.count + size - 1) / size)
        let parts = (0..<count).map { part in
            KeyRotated(
                channel: channel, salt: salt, parents: parents,
                commit: ChannelCrypto.commitment(key: key, context: context),
                readersDigest: ChannelCrypto.readersDigest(readers.map(\.peer)),
                part: UInt64(part), parts: UInt64(count),
                boxes: Array(boxes[(part * size)..<min(boxes.count, (part + 1) * size)]),
                prevBoxes: prevBoxes)
        }
        return Draft(parts: parts, key: SecretBytes(key))
    }

    private static func wrap(
        _ parent: Epoch.ID, _ keys: KeyRing, under key: [UInt8],
        in place: ChannelCrypto.PreviousPlace, _ entropy: inout Entropy
    ) -> [UInt8] {
        guard var older = keys.key(parent) else {
            return [UInt8](repeating: 0, count: KeyRotated.prevBoxByteCount)
        }
        defer { Sodium.wipe(&older) }
        return ChannelCrypto.sealPrevious(older, parent: parent, under: key, in: place, &entropy)
    }

    /// The keys of `channel` that `author` can give and `target` lacks, sealed to his prekey.
    ///
    /// `nil` when there is nothing to give or he has no prekey; more than fit come next time.
    package static func share(
        channel: Channel.ID, from author: Peer.ID, to target: Peer.ID, state: ServerState,
        keys: KeyRing, _ entropy: inout Entropy
    ) -> KeyShared? {
        guard let prekey = state.currentPrekey(of: target) else { return nil }
        var chosen: [Epoch.ID] = []
        for epoch in state.openEpochs(of: channel, keys) {
            let recipients = state.recipients(of: epoch)
            let isClosed =
                !recipients.contains(target) || state.lockedOut(of: epoch).contains(target)
            let isVain = state.givenInVain(epoch, by: author).contains(target)
            if isClosed && !isVain && recipients.contains(author) { chosen.append(epoch.id) }
            if chosen.count == KeyShared.epochsMax { break }
        }
        guard !chosen.isEmpty else { return nil }
        chosen.sort()
        var plain: [UInt8] = []
        defer { Sodium.wipe(&plain) }
        for epoch in chosen { plain += keys.key(epoch) ?? [] }
        return KeyShared(
            channel: channel, target: target, epochs: chosen, box: prekey.seal(plain, &entropy))
    }

    /// Every key of `channel` that `keys` holds and `target` was never given, whatever the channel
    /// tells newcomers: for somebody who hands over history on purpose.
    ///
    /// - Parameter since: by the clock of who made the key; ms since 1970. The key in use at that
    ///   moment is among those handed over.
    package static func history(
        of channel: Channel.ID, to target: Peer.ID, since: UInt64, state: ServerState,
        keys: KeyRing, _ entropy: inout Entropy
    ) -> KeyShared? {
        guard let prekey = state.currentPrekey(of: target), let info = state.channel(channel)
        else { return nil }
        let known = info.epochIDs.compactMap { state.epochs[$0] }
        let made = known.map { ($0, state.wallMilliseconds(of: Event.ID($0.id)) ?? 0) }
        let first = made.map(\.1).filter { $0 <= since }.max() ?? 0
        var chosen = made.filter { $0.1 >= first }.map(\.0)
            .filter { keys.holds($0.id) && !state.recipients(of: $0).contains(target) }
            .sorted { ($1.depth, $0.id) < ($0.depth, $1.id) }
            .prefix(KeyShared.epochsMax).map(\.id)
        guard !chosen.isEmpty else { return nil }
        chosen.sort()
        var plain: [UInt8] = []
        defer { Sodium.wipe(&plain) }
        for epoch in chosen { plain += keys.key(epoch) ?? [] }
        return KeyShared(
            channel: channel, target: target, epochs: chosen, box: prekey.seal(plain, &entropy))
    }
}
