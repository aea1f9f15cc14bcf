import PeerState

/// Which resources exist for a principal whose token names them (MCP 9.1, custom).
struct ResourceScope: Sendable {
    /// Addresses and templates, cut at the slashes; `nil` = all.
    private let patterns: [[Substring]]?

    init(_ access: Access) {
        patterns = access.resources.map { $0.map(Self.parts) }
    }

    /// - Parameter uri: an address, or a template as lists show it.
    func admits(_ uri: String) -> Bool {
        guard let patterns else { return true }
        let parts = Self.parts(uri)
        return patterns.contains { pattern in
            pattern.count == parts.count
                && zip(pattern, parts).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
        }
    }

    /// Without parameters, which choose a part of what exists.
    private static func parts(_ uri: String) -> [Substring] {
        let query = uri.place(of: "{?")?.lowerBound ?? uri.firstIndex(of: "?")
        let end = query ?? uri.endIndex
        return uri[..<end].split(separator: "/", omittingEmptySubsequences: false)
    }
}
