import PeerState

/// Names of permissions and levels as people and agents write them.
enum RightName {
    static let permissions = Permissions.all.words
    private static let rights = permissions + Level.allCases.map(\.word)

    /// The permission or level that a refusal says is missing, such as in `needs ManageRoles`.
    static func needed(in detail: String) -> String? {
        var words = detail.split { !$0.isLetter }[...]
        while let word = words.popFirst() {
            guard word == "needs" else { continue }
            if words.first == "level" { words.removeFirst() }
            if let next = words.first, rights.contains(String(next)) { return String(next) }
        }
        return nil
    }

    static func number(of permission: String) -> PermissionNumber? {
        permissions.firstIndex(of: permission).flatMap { PermissionNumber(UInt64($0)) }
    }
}
