/// The channel keys and prekey secrets one node holds for one server.
///
/// Keys live in guarded memory. What was opened is given back as rows for the store.
package struct KeyRing: Sendable {
    private var epochKeys: [Epoch.ID: SecretBytes] = [:]
    /// Newest last; the one before is kept to open what was sealed just before a change.
    private var prekeys: [Prekey] = []
    /// Which boxes for parents' keys are what they claim, as far as that was tried. Neither box nor
    /// keys ever change, so copies share it; at most one per parent of an epoch.
    private let tried = Locked<[Step: Bool]>([:])

    /// From an epoch to one of its parents.
    private struct Step: Hashable {
        let epoch: Epoch.ID
        let parent: Epoch.ID
    }

    private struct Prekey: Sendable {
        let key: ExchangeKey
        /// By this node's clock, ms since 1970.
        let createdAtMilliseconds: UInt64
    }

    package init() {}

    /// A channel key that is new here, to be stored.
    package struct Learned: Sendable {
        package let channel: Channel.ID
        package let epoch: Epoch.ID
        package let key: SecretBytes
    }

    package func holds(_ epoch: Epoch.ID) -> Bool { epochKeys[epoch] != nil }

    /// A copy of the key; wipe it after use.
    package func key(_ epoch: Epoch.ID) -> [UInt8]? { epochKeys[epoch]?.copy() }

    package var hasPrekey: Bool { !prekeys.isEmpty }
    package func isOwn(_ prekey: Exchange.PublicKey) -> Bool {
        prekeys.contains { $0.key.publicKey == prekey }
    }

    /// When the prekey in use was made, ms since 1970.
    package var newestPrekeyMilliseconds: UInt64? { prekeys.last?.createdAtMilliseconds }

    package mutating func add(prekey: ExchangeKey, atMilliseconds: UInt64) {
        prekeys.append(Prekey(key: prekey, createdAtMilliseconds: atMilliseconds))
        prekeys.sort { $0.createdAtMilliseconds < $1.createdAtMilliseconds }
    }

    /// Wipes the secrets of prekeys whose successor is at least as old as that.
    ///
    /// - Returns: their public halves, to be dropped from the store.
    package mutating func dropPrekeys(
        replacedBefore milliseconds: UInt64
    ) -> [Exchange.PublicKey] {
        let isOld = zip(prekeys, prekeys.dropFirst()).map {
            $1.createdAtMilliseconds <= milliseconds
        }
        let old = zip(prekeys, isOld).filter(\.1).map(\.0.key.publicKey)
        if !old.isEmpty { prekeys.removeAll { old.contains($0.key.publicKey) } }
        return old
    }

    package mutating func add(_ key: SecretBytes, for epoch: Epoch.ID) { epochKeys[epoch] = key }

    /// Opens the box of the viewer in a new epoch, then the keys of its parents behind it.
    ///
    /// - Errors: `badCommit` when the key is not the one the rotation committed to.
    package mutating func open(
        _ epoch: EpochInfo, in state: ServerState
    ) throws(Failure<RuleCode>) -> [Learned] {
        guard !holds(epoch.id), let box = epoch.viewerBox else { return [] }
        guard let key = open(box) else { return [] }
        guard isKey(key, of: epoch, in: state) else {
            throw Failure(.badCommit, "epoch \(epoch.id)")
        }
        return learn([(epoch.id, key)], in: state)
    }

    /// Opens a share made for the viewer.
    ///
    /// - Errors: `badCommit` when one of the keys is wrong and no other is new.
    package mutating func open(
        _ share: KeyShared, in state: ServerState
    ) throws(Failure<RuleCode>) -> [Learned] {
        guard let plain = open(share.box), plain.count == 32 * share.epochs.count else { return [] }
        let pairs = share.epochs.enumerated().map { index, epoch in
            (epoch, Array(plain[(32 * index)..<(32 * index + 32)]))
        }
        let right = pairs.filter { id, key in
            state.epochs[id].map { isKey(key, of: $0, in: state) } ?? true
        }
        let learned = learn(right, in: state)
        guard !learned.isEmpty || right.count == pairs.count else { throw Failure(.badCommit) }
        return learned
    }

    private func isKey(_ key: [UInt8], of epoch: EpochInfo, in state: ServerState) -> Bool {
        let context = ChannelCrypto.context(
            server: state.id, channel: epoch.channel, author: epoch.author, salt: epoch.salt)
        return ChannelCrypto.commitment(key: key, context: context) == epoch.commit
    }

    /// Whether a prekey held here opens a box, whatever is in it.
    package func opens(_ box: [UInt8]) -> Bool { open(box) != nil }

    private func open(_ box: [UInt8]) -> [UInt8]? {
        for prekey in prekeys.reversed() {
            if let plain = prekey.key.open(box) { return plain }
        }
        return nil
    }

    /// The parents of an epoch whose keys, as they are held here, its boxes lead to.
    ///
    /// A box that does not open, or holds something else, counts as absent (PROTOCOL 7.2).
    /// - Complexity: each box is opened once.
    func parentsReached(from epoch: EpochInfo, in server: Server.ID) -> [Epoch.ID] {
        zip(epoch.parents, epoch.prevBoxes).compactMap { parent, box in
            leads(box, from: epoch, to: parent, in: server) ? parent : nil
        }
    }

    private func leads(
        _ box: [UInt8], from epoch: EpochInfo, to parent: Epoch.ID, in server: Server.ID
    ) -> Bool {
        let step = Step(epoch: epoch.id, parent: parent)
        if let known = tried.withLock({ $0[step] }) { return known }
        guard box.contains(where: { $0 != 0 }), var key = key(epoch.id),
            var older = self.key(parent)
        else { return false }
        defer {
            Sodium.wipe(&key)
            Sodium.wipe(&older)
        }
        let context = ChannelCrypto.context(
            server: server, channel: epoch.channel, author: epoch.author, salt: epoch.salt)
        let place = ChannelCrypto.PreviousPlace(
            server: server, channel: epoch.channel, context: context)
        var found = ChannelCrypto.openPrevious(box, parent: parent, under: key, in: place) ?? []
        defer { Sodium.wipe(&found) }
        let isPath = found == older
        tried.withLock { $0[step] = isPath }
        return isPath
    }

    /// Takes keys whose commitment matches, and all older ones they give a path to; a wrong key in
    /// a box for a parent counts as none.
    private mutating func learn(
        _ found: [(epoch: Epoch.ID, key: [UInt8])], in state: ServerState
    ) -> [Learned] {
        var learned: [Learned] = []
        var work = found
        while let (id, key) = work.popLast() {
            guard !holds(id), let info = state.epochs[id], isKey(key, of: info, in: state)
            else { continue }
            let context = ChannelCrypto.context(
                server: state.id, channel: info.channel, author: info.author, salt: info.salt)
            let secret = SecretBytes(key)
            epochKeys[id] = secret
            learned.append(Learned(channel: info.channel, epoch: id, key: secret))
            let place = ChannelCrypto.PreviousPlace(
                server: state.id, channel: info.channel, context: context)
            for (parent, box) in zip(info.parents, info.prevBoxes) {
                if let older = ChannelCrypto.openPrevious(
                    box, parent: parent, under: key, in: place)
                {
                    work.append((parent, older))
                }
            }
        }
        return learned
    }
}
