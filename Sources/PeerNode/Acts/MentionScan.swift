package import PeerState

/// Whom a text names: `@name` in either case, or `@` and at least 16 digits of a key.
///
/// A name ends where a word ends, so that `@ann` is not found in `@anna`, nor in an address such as
/// `me@ann`. What stands between backticks is code and names nobody. Of several names the longest
/// counts; one that members share is left plain and told.
/// - Source: MCP 7.3, SCENARIOS S-163.
package struct MentionScan {
    /// At most `MessageText.mentionsMax`, sorted.
    package var mentioned: [Peer.ID] { found.sorted() }
    /// Names as typed that more than one member has, each once.
    package private(set) var unresolved: [String] = []
    private var found: Set<Peer.ID> = []
    private let members: [(id: Peer.ID, name: String)]

    package init(_ text: String, members: [(id: Peer.ID, name: String)]) {
        self.members = members.filter { !$0.name.isEmpty }
        var rest = Substring(text)
        var before: Character?
        while let next = rest.first, found.count < MessageText.mentionsMax {
            if next == "`" {
                rest = Self.afterCode(rest)
                before = "`"
                continue
            }
            let isName = next == "@" && !(before.map(Self.isWord) ?? false)
            rest.removeFirst()
            before = next
            if isName, let end = name(in: rest) {
                before = rest[..<end].last
                rest = rest[end...]
            }
        }
    }

    /// Skips a span of code; backticks that nothing closes are skipped alone.
    private static func afterCode(_ text: Substring) -> Substring {
        let fence = text.prefix { $0 == "`" }
        var rest = text[fence.endIndex...]
        while let start = rest.firstIndex(of: "`") {
            let run = rest[start...].prefix { $0 == "`" }
            if run.count == fence.count { return rest[run.endIndex...] }
            rest = rest[run.endIndex...]
        }
        return text[fence.endIndex...]
    }

    /// Takes what follows an `@`.
    ///
    /// - Returns: where the name ends; `nil` when it is nobody's.
    private mutating func name(in text: Substring) -> Substring.Index? {
        var longest: (end: Substring.Index, ids: [(id: Peer.ID, isExact: Bool)])?
        for member in members {
            guard let end = Self.end(of: member.name, in: text) else { continue }
            if let known = longest, end < known.end { continue }
            if longest.map({ end > $0.end }) ?? true { longest = (end, []) }
            longest?.ids.append((member.id, text[..<end] == member.name))
        }
        guard let longest else { return key(in: text) }
        let exact = longest.ids.filter(\.isExact)
        let best = exact.isEmpty ? longest.ids : exact
        if best.count == 1 {
            found.insert(best[0].id)
        } else if !unresolved.contains(String(text[..<longest.end])) {
            unresolved.append(String(text[..<longest.end]))
        }
        return longest.end
    }

    private mutating func key(in text: Substring) -> Substring.Index? {
        let digits = text.prefix { $0.isHexDigit }
        guard digits.count >= Self.keyDigits else { return nil }
        let wanted = digits.prefix(64).lowercased()
        let named = members.filter { $0.id.hex.hasPrefix(wanted) }
        guard named.count == 1 else { return nil }
        found.insert(named[0].id)
        return digits.endIndex
    }

    private static let keyDigits = 16

    /// Where a name that begins a text ends; `nil` when the text begins otherwise or goes on.
    private static func end(of name: String, in text: Substring) -> Substring.Index? {
        var place = text.startIndex
        for character in name {
            guard place < text.endIndex, isSame(text[place], character) else { return nil }
            place = text.index(after: place)
        }
        let rest = text[place...]
        guard let next = rest.first else { return place }
        if isWord(next) { return nil }
        if next == "-", let after = rest.dropFirst().first, isWord(after) { return nil }
        return place
    }

    private static func isSame(_ left: Character, _ right: Character) -> Bool {
        left == right || left.lowercased() == right.lowercased()
    }

    /// Whether a word goes on with it; scripts without spaces between words never do.
    private static func isWord(_ character: Character) -> Bool {
        let scalar = character.unicodeScalars.first?.value ?? 0
        return scalar < 0x2E80 && (character.isLetter || character.isNumber || character == "_")
    }
}

extension NodeCore {
    /// Whom a text names among the members of a server.
    func mentions(in text: String, _ slot: HostedServer) -> MentionScan {
        guard text.contains("@") else { return MentionScan("", members: []) }
        let members = slot.state.members(at: slot.state.now)
        return MentionScan(
            text,
            members: members.map { ($0, slot.state.displayName(of: $0) ?? $0.short) })
    }
}
