/// How much of a server a member may run: owner 3, admin 2, moderator 1, member 0.
package enum Level: UInt64, Comparable, Sendable, CaseIterable {
    case member = 0
    case moderator = 1
    case admin = 2
    case owner = 3

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    /// Written out: every answer that names a server asks for it.
    package var word: String {
        switch self {
        case .member: "member"
        case .moderator: "moderator"
        case .admin: "admin"
        case .owner: "owner"
        }
    }

    /// The permissions that come with the level alone (PROTOCOL 5.4).
    package var permissions: Permissions {
        switch self {
        case .member: [.sendMessages]
        case .moderator: [.sendMessages, .createInvite, .moderateMessages, .managePins]
        case .admin, .owner: .all
        }
    }
}

/// A set of the eight permissions; unknown bits are kept.
package struct Permissions: OptionSet, Hashable, Sendable {
    package let rawValue: UInt64
    package init(rawValue: UInt64) { self.rawValue = rawValue }

    package static let syncProvider = Self(rawValue: 1 << 0)
    package static let manageChannels = Self(rawValue: 1 << 1)
    package static let manageRoles = Self(rawValue: 1 << 2)
    package static let sendMessages = Self(rawValue: 1 << 3)
    package static let createInvite = Self(rawValue: 1 << 4)
    package static let moderateMessages = Self(rawValue: 1 << 5)
    package static let managePins = Self(rawValue: 1 << 6)
    package static let manageAgents = Self(rawValue: 1 << 7)
    package static let all = Self(rawValue: 0xff)
    /// Those that later versions may add too.
    package static let everything = Self(rawValue: .max)

    private static let words: [(permission: Permissions, word: String)] = [
        (.syncProvider, "SyncProvider"), (.manageChannels, "ManageChannels"),
        (.manageRoles, "ManageRoles"), (.sendMessages, "SendMessages"),
        (.createInvite, "CreateInvite"), (.moderateMessages, "ModerateMessages"),
        (.managePins, "ManagePins"), (.manageAgents, "ManageAgents"),
    ]

    /// One set per permission in this one.
    var bits: [Permissions] {
        (0..<64).map { Permissions(rawValue: 1 << UInt64($0)) }.filter { contains($0) }
    }

    /// The names that tools show, in the order of the bits.
    package var words: [String] {
        Self.words.filter { contains($0.permission) }.map(\.word)
    }
}
