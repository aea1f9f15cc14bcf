import PeerState
import Testing

/// The body of one kind as PROTOCOL 4 lists it.
struct EventShape: Sendable, CustomTestStringConvertible {
    let kind: UInt64
    let name: String
    let fields: [BodyField]

    var testDescription: String { "\(kind) \(name)" }

    init(_ kind: UInt64, _ name: String, _ fields: [BodyField]) {
        self.kind = kind
        self.name = name
        self.fields = fields
    }

    var sample: [CBORValue] { BodyField.samples(of: fields, salt: 0x11) }

    func edges(of elements: [CBORValue]) -> Set<Event.ID> {
        Set(zip(fields, elements).flatMap { $0.edges(in: $1) })
    }

    func decode(_ elements: [CBORValue]) throws(Failure<WireCode>) -> any EventBody {
        try EventKinds.decode(kind: kind, body: CBORValue.array(elements).encoded)
    }
}

extension EventShape {
    private static let edge = BodyField.id(isEdge: true)
    private static let other = BodyField.id()
    private static let permission = BodyField.uint(0...7)
    private static let reason = BodyField.text(max: 200, .multiline)
    private static let readers = BodyField.optional(.ids(max: 16, isEdge: true))

    private static func sealed(max: Int) -> [BodyField] {
        [edge, .bytes(24), .ciphertext(max: max)]
    }

    private static func key(_ byte: UInt8) -> CBORValue { BodyField.id(byte) }
    private static func pair(_ mode: UInt64, _ count: UInt64) -> CBORValue {
        .array([.unsigned(mode), .unsigned(count)])
    }
    private static func action(_ number: UInt64, _ rest: CBORValue...) -> CBORValue {
        .array([.unsigned(number)] + rest)
    }

    private static let attenuation = BodyField.optional(
        .map(
            [
                0: .ids(max: 64), 1: kinds, 2: .uint(1...10_000), 3: .uint(), 4: .uint(),
                5: .uint(0...4), 6: .uint(), 7: .uint(1...100_000),
            ], clears: false))

    private static let kinds = BodyField.values(
        accepted: [[], [60], Array(0...30) + [65_535]].map(array),
        refused: [[1, 1], [2, 1], [65_536], Array(0...32)].map(array) + [.unsigned(1), .null])

    private static func array(_ numbers: [UInt64]) -> CBORValue {
        .array(numbers.map { .unsigned($0) })
    }

    private static let threshold = BodyField.values(
        accepted: [pair(0, 0), pair(1, 0), pair(2, 1), pair(2, 0), pair(2, .max)],
        refused: [
            pair(3, 0), pair(0, 1), pair(1, 1), .array([]), .array([.unsigned(0)]), .null,
            array([0, 0, 0]), .unsigned(0), .array([.null, .unsigned(0)]),
            .array([.unsigned(2), .null]),
        ])

    private static let voteAction = BodyField.values(
        accepted: [
            action(2, key(7)), action(1, key(7), .unsigned(0)), action(1, key(7), .unsigned(2)),
            action(3, pair(0, 0)), action(3, pair(2, 5)), action(4, key(7)),
        ],
        refused: [
            .array([]), action(0, key(7)), action(5, key(7)), action(1, key(7)), action(2),
            action(1, key(7), .unsigned(3)), action(1, key(7), .null),
            action(2, key(7), .unsigned(1)),
            action(2, .bytes([7])), action(3, pair(3, 0)), action(3, pair(0, 1)), action(3, key(7)),
            action(3, array([0, 0, 0])), action(4, key(7), .null), action(4, .null),
            .unsigned(2), .null, .array([key(7), key(7)]),
        ])

    private static let noPeople = BodyField.values(
        accepted: [.array([])],
        refused: [.array([key(1)]), .array([key(1), key(2)]), .null, .unsigned(0)])
    private static let people = BodyField.values(
        accepted: [.array([key(1), key(2)]), .array((1...8).map { key($0) })],
        refused: [
            .array([]), .array([key(1)]), .array([key(2), key(1)]), .array((1...9).map { key($0) }),
        ])

    private static let colour = BodyField.values(
        accepted: ["#09afAF", "#000000"].map { .text($0) },
        refused: ["", "#12345", "#1234567", "1234567", "#12345g", "#+12345"].map { .text($0) }
            + [.null, .unsigned(1)])

    private static let profile = BodyField.map(
        [
            0: .text(max: 64, .name), 1: .text(max: 32, .plain), 2: .text(max: 240, .multiline),
            3: .text(max: 80, .plain), 4: .text(max: 32, .plain), 5: colour,
            6: .text(max: 280, .multiline), 7: .list(.text(max: 48, .plain), max: 4),
            8: .text(max: 32, .plain), 9: .uint(0...2),
            10: .exactly([.uint(0...1), .text(max: 64, .plain)]), 11: other,
            12: .text(max: 64, .plain),
        ], clears: true)

    private static let prekey = BodyField.values(
        accepted: [key(0x42)],
        refused: [
            key(0), .bytes([1] + Array(repeating: 0, count: 31)), BodyField.bytes(31, 0x42),
            BodyField.bytes(33, 0x42), .null,
        ])

    private static let agent = BodyField.optional(
        .open([
            .ids(max: 4, isEdge: true), .optional(.bytes(16)),
            .optional(.text(max: 64, .plain)), .optional(other),
        ]))

    /// Every kind that PROTOCOL 4 numbers; two bodies of kind 0, whose elements depend on another.
    static let all: [EventShape] = [
        EventShape(
            0, "server.create, group",
            [.text(max: 100, .name), .uint(0...0), noPeople, .bytes(16)]),
        EventShape(
            0, "server.create, direct",
            [.text(max: 100, .name), .uint(1...1), people, .bytes(16)]),
        EventShape(1, "ack", []),
        EventShape(2, "server.rename", [.text(max: 100, .name)]),
        EventShape(3, "server.describe", [.text(max: 1_000, .multiline)]),
        EventShape(4, "owner.transfer", [other]),
        EventShape(10, "member.grant", [other, .uint(0...2), attenuation]),
        EventShape(11, "member.remove", [other, .cut, reason]),
        EventShape(12, "member.suspend", [other, .cut, reason]),
        EventShape(13, "member.leave", []),
        EventShape(14, "member.extend", [edge, .uint(), edge]),
        EventShape(15, "branch.confirm", [other, .uint(), edge]),
        EventShape(20, "perm.grant", [other, permission]),
        EventShape(21, "perm.revoke", [other, permission, .cut]),
        EventShape(22, "role.create", [.text(max: 64, .name), .uint()]),
        EventShape(23, "role.delete", [edge]),
        EventShape(24, "role.set", [edge, permission, .bool]),
        EventShape(25, "role.assign", [other, edge]),
        EventShape(26, "role.unassign", [other, edge, .cut]),
        EventShape(27, "role.rename", [edge, .text(max: 64, .name)]),
        EventShape(
            30, "propose",
            [voteAction, threshold, other, .uint(10...10_000), .text(max: 500, .multiline)]),
        EventShape(31, "ballot", [edge, .bool]),
        EventShape(32, "withdraw", [edge]),
        EventShape(33, "enact", [edge, .ids(max: 256, isEdge: true), .cut]),
        EventShape(
            40, "join.issue",
            [
                other, .uint(1...10_000), .optional(.uint()), .uint(0...0), attenuation,
                .optional(other), .text(max: 64, .plain),
            ]),
        EventShape(41, "join.revoke", [edge]),
        EventShape(42, "join.admit", [edge, other, .bytes(64)]),
        EventShape(
            50, "channel.create",
            [
                .text(max: 100, .name), .uint(0...1), .text(max: 500, .multiline), .uint(0...1),
                readers, .optional(.exactly([.uint(3_600_000...7_776_000_000)])),
            ]),
        EventShape(51, "channel.delete", [edge]),
        EventShape(52, "channel.rename", [edge, .text(max: 100, .name)]),
        EventShape(53, "channel.topic", [edge, .text(max: 500, .plain)]),
        EventShape(54, "channel.access", [edge, readers]),
        EventShape(55, "channel.revive", [edge]),
        EventShape(
            60, "message.post",
            [edge] + sealed(max: 49_152)
                + [.optional(edge), .list(.exactly([other, .uint()]), max: 64), agent]),
        EventShape(61, "message.edit", [edge] + sealed(max: 49_152)),
        EventShape(62, "message.delete", [edge, reason]),
        EventShape(63, "reaction.add", [edge] + sealed(max: 96)),
        EventShape(64, "reaction.remove", [edge]),
        EventShape(65, "pin.add", [edge]),
        EventShape(66, "pin.remove", [edge]),
        EventShape(70, "profile.set", [profile]),
        EventShape(80, "key.prekey", [prekey]),
        EventShape(
            81, "key.rotate",
            [
                edge, .bytes(32), .ids(max: 4, isEdge: true), other, other, .uint(0...0),
                .uint(1...32), .list(.bytes(80), max: 384), .list(.bytes(104), max: 4),
            ]),
        EventShape(82, "key.share", [edge, other, .exactly([edge, edge]), .bytes(48 + 2 * 32)]),
        EventShape(83, "key.fault", [edge, edge, .uint(0...1)]),
    ]
}
