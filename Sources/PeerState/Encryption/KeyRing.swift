/// The channel keys and prekey secrets one node holds for one server.
///
/// Keys live in guarded memory. What was opened is given back as rows for the store.
package struct KeyRing: Sendable {
    private var epochKeys: [Epoch.ID: SecretBytes] = [:]
    /// Newest last; the one before is kept to open what was sealed just before a change.
    private var prekeys: [ExchangeKey] = []

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
        prekeys.contains { $0.publicKey == prekey }
    }

    package mutating func add(prekey: ExchangeKey) { prekeys.append(prekey) }

    package mutating func add(_ key: SecretBytes, for epoch: Epoch.ID) { epochKeys[epoch] = key }

    /// Opens the box of the viewer in a new epoch, then the keys of its parents behind it.
    ///
    /// - Errors: `badCommit` when the key is not the one the rotation committed to.
    package mutating func open(
        _ epoch: EpochInfo, in state: ServerState
    ) throws(Failure<RuleCode>) -> [Learned] {
        guard !holds(epoch.id), let box = epoch.viewerBox else { return [] }
        guard let key = open(box) else { return [] }
        return try learn([(epoch.id, key)], in: state)
    }

    /// Opens a share made for the viewer.
    ///
    /// - Errors: `badCommit`; keys before the wrong one are kept.
    package mutating func open(
        _ share: KeyShared, in state: ServerState
    ) throws(Failure<RuleCode>) -> [Learned] {
        guard let plain = open(share.box), plain.count == 32 * share.epochs.count else { return [] }
        let pairs = share.epochs.enumerated().map { index, epoch in
            (epoch, Array(plain[(32 * index)..<(32 * index + 32)]))
        }
        return try learn(pairs, in: state)
    }

    private func open(_ box: [UInt8]) -> [UInt8]? {
        for prekey in prekeys.reversed() {
            if let plain = prekey.open(box) { return plain }
        }
        return nil
    }

    /// Takes keys whose commitment matches, and all older ones they give a path to.
    private mutating func learn(
        _ found: [(epoch: Epoch.ID, key: [UInt8])], in state: ServerState
    ) throws(Failure<RuleCode>) -> [Learned] {
        var learned: [Learned] = []
        var work = found
        while let (id, key) = work.popLast() {
            guard !holds(id), let info = state.epochs[id] else { continue }
            let context = ChannelCrypto.context(
                server: state.id, channel: info.channel, author: info.author, salt: info.salt)
            guard ChannelCrypto.commitment(key: key, context: context) == info.commit else {
                throw Failure(.badCommit, "epoch \(id)")
            }
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
