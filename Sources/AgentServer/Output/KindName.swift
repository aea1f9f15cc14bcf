/// Names of event kinds as the protocol writes them.
enum KindName {
    private static let names: [UInt64: String] = [
        0: "server.create", 1: "ack", 2: "server.rename", 3: "server.describe",
        4: "owner.transfer", 10: "member.grant", 11: "member.remove", 12: "member.suspend",
        13: "member.leave", 14: "member.extend", 15: "branch.confirm", 20: "perm.grant",
        21: "perm.revoke", 22: "role.create", 23: "role.delete", 24: "role.set",
        25: "role.assign", 26: "role.unassign", 27: "role.rename", 30: "propose", 31: "ballot",
        32: "withdraw", 33: "enact", 40: "join.issue", 41: "join.revoke", 42: "join.admit",
        50: "channel.create", 51: "channel.delete", 52: "channel.rename", 53: "channel.topic",
        54: "channel.access", 55: "channel.revive", 60: "message.post", 61: "message.edit",
        62: "message.delete", 63: "reaction.add", 64: "reaction.remove", 65: "pin.add",
        66: "pin.remove", 70: "profile.set", 80: "key.prekey", 81: "key.rotate",
        82: "key.share", 83: "key.fault",
    ]

    static func of(_ kind: UInt64) -> String { names[kind] ?? "kind \(kind)" }
}
