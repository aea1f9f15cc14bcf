import PeerState

/// Who has shown tokens of an external issuer, and until when these last.
///
/// - Bound: `Limits.issuedPrincipals`; one more forgets the one unused longest.
package struct IssuedPrincipals: Sendable {
    private struct Entry {
        /// Until when its tokens count, by the key that signed them.
        var ends: [Peer.ID: UInt64] = [:]
        var use: UInt64
        /// Of all its tokens so far.
        var scopes: Set<Scope>
    }

    /// What showing a token brought about.
    package struct Shown: Equatable {
        /// Who is no longer known.
        package var forgotten: String?
        /// Whether no token of this principal allowed that much before.
        package var isWider = false
    }

    private var entries: [String: Entry] = [:]
    private var uses: UInt64 = 0

    package init() {}

    /// Notes that a token was shown.
    package mutating func show(_ token: IssuedToken) -> Shown {
        uses += 1
        let known = entries[token.principal]
        var shown = Shown()
        if known == nil, entries.count >= Limits.issuedPrincipals {
            shown.forgotten = entries.min { $0.value.use < $1.value.use }?.key
            if let forgotten = shown.forgotten { entries[forgotten] = nil }
        }
        var entry = known ?? Entry(use: uses, scopes: token.scopes)
        entry.ends[token.key] = max(entry.ends[token.key] ?? 0, token.expiresAt)
        entry.use = uses
        shown.isWider = !token.scopes.isSubset(of: entry.scopes)
        entry.scopes.formUnion(token.scopes)
        entries[token.principal] = entry
        return shown
    }

    /// Takes out those whose tokens have all expired: what is open lasts as long as the token that
    /// lasts longest.
    package mutating func takeExpired(at now: UInt64) -> [String] {
        for (principal, entry) in entries {
            entries[principal]?.ends = entry.ends.filter { $0.value > now }
        }
        return take { $0.ends.isEmpty }
    }

    /// Takes out those with a token that is signed by a key that counts no more, as nobody knows
    /// what it opened; `nil` = all.
    package mutating func takeUnsigned(by keys: IssuerKeys?) -> [String] {
        take { entry in entry.ends.keys.contains { keys?.has($0) != true } }
    }

    private mutating func take(_ isOver: (Entry) -> Bool) -> [String] {
        let found = entries.filter { isOver($0.value) }.keys.sorted()
        for principal in found { entries[principal] = nil }
        return found
    }
}
