import PeerState

/// Names of permissions and levels as people and agents write them.
enum RightName {
    static let permissions = Permissions.all.words
    /// Being among those who read a channel, by one of its roles.
    static let reader = "reader"
    private static let rights = permissions + Level.allCases.map(\.word) + [reader]

    /// The permissions, levels and `reader` that a refusal says are missing, such as in
    /// `needs level admin, ManagePins`; all of them, so that nobody has to ask twice.
    static func needed(in detail: String) -> [String] {
        var words = detail.split { !$0.isLetter }.map(String.init)[...]
        while let word = words.popFirst() {
            guard word == "needs" else { continue }
            let named = words.prefix { $0 == "level" || rights.contains($0) }
            let found = named.filter { $0 != "level" }
            if !found.isEmpty { return found }
        }
        return []
    }

    static func number(of permission: String) -> PermissionNumber? {
        permissions.firstIndex(of: permission).flatMap { PermissionNumber(UInt64($0)) }
    }
}
