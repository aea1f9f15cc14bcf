/// The admissions that hold, of links with more claims than uses: asked again for every member that
/// came by such a link, and dear to find.
///
/// An answer depends on what is stored and on the key. Each stored event gives the state a new
/// memo, so copies of a state that went different ways share no answers.
final class ClaimMemo: Sendable {
    private struct Key: Hashable {
        let link: Slot
        let past: Past
        let resolution: ObjectIdentifier
    }

    private struct Entry {
        let holding: Set<Slot>
        /// Kept so that its identity is not given to another.
        let resolution: Resolution
    }

    private static let most = 64

    private let entries = Locked<[Key: Entry]>([:])

    func holding(of link: Slot, _ resolution: Resolution, at past: Past) -> Set<Slot>? {
        let key = Key(link: link, past: past, resolution: ObjectIdentifier(resolution))
        return entries.withLock { $0[key]?.holding }
    }

    func remember(
        _ holding: Set<Slot>, of link: Slot, _ resolution: Resolution, at past: Past
    ) {
        let key = Key(link: link, past: past, resolution: ObjectIdentifier(resolution))
        let entry = Entry(holding: holding, resolution: resolution)
        entries.withLock { entries in
            if entries.count >= Self.most { entries.removeAll(keepingCapacity: true) }
            entries[key] = entry
        }
    }
}
