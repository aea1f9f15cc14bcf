package import PeerState

/// One statement somebody may sign: a kind and its body as bytes.
package struct RightsAct: Sendable {
    package let kind: UInt64
    private let encoded: [UInt8]

    package init(_ kind: UInt64, _ items: [CBORValue]) {
        self.kind = kind
        encoded = CBORValue.array(items).encoded
    }

    package init(_ body: any EventBody) {
        kind = body.kind
        var writer = CBORWriter()
        body.write(to: &writer)
        encoded = writer.bytes
    }

    package func body() throws(Failure<WireCode>) -> any EventBody {
        try EventKinds.decode(kind: kind, body: encoded)
    }

    private static func peer(_ name: String) -> CBORValue { .named(RightsServer.peer(name)) }
}

// Server and members.
extension RightsAct {
    package static var ack: RightsAct { RightsAct(1, []) }
    package static func rename(_ name: String) -> RightsAct { RightsAct(2, [.text(name)]) }
    package static func describe(_ text: String) -> RightsAct { RightsAct(3, [.text(text)]) }
    package static func transfer(_ name: String) -> RightsAct { RightsAct(4, [peer(name)]) }

    package static func grant(
        _ name: String, _ level: Level, _ limits: Attenuation? = nil
    ) -> RightsAct {
        RightsAct(
            MemberGranted(target: RightsServer.peer(name), level: level, attenuation: limits))
    }

    package static func remove(_ name: String, _ cut: CBORValue) -> RightsAct {
        RightsAct(11, [peer(name), cut, .text("")])
    }

    package static func suspend(_ name: String, _ cut: CBORValue) -> RightsAct {
        RightsAct(12, [peer(name), cut, .text("")])
    }

    package static var leave: RightsAct { RightsAct(13, []) }

    package static func extend(
        _ lowering: Event.ID, to pin: Event.ID, seq: UInt64
    ) -> RightsAct {
        RightsAct(14, [.named(lowering), .unsigned(seq), .named(pin)])
    }

    package static func confirm(_ name: String, _ pin: Event.ID, seq: UInt64) -> RightsAct {
        RightsAct(15, [peer(name), .unsigned(seq), .named(pin)])
    }
}

// Permissions and roles.
extension RightsAct {
    package static func permit(_ name: String, _ bit: UInt64) -> RightsAct {
        RightsAct(20, [peer(name), .unsigned(bit)])
    }

    package static func revoke(_ name: String, _ bit: UInt64, _ cut: CBORValue) -> RightsAct {
        RightsAct(21, [peer(name), .unsigned(bit), cut])
    }

    package static func role(_ name: String, _ bits: Permissions) -> RightsAct {
        RightsAct(RoleCreated(name: name, permissions: bits))
    }

    package static func deleteRole(_ role: Event.ID) -> RightsAct {
        RightsAct(23, [.named(role)])
    }

    package static func setRole(_ role: Event.ID, _ bit: UInt64, _ held: Bool) -> RightsAct {
        RightsAct(24, [.named(role), .unsigned(bit), .bool(held)])
    }

    package static func assign(_ name: String, _ role: Event.ID) -> RightsAct {
        RightsAct(25, [peer(name), .named(role)])
    }

    package static func unassign(
        _ name: String, _ role: Event.ID, _ cut: CBORValue
    ) -> RightsAct {
        RightsAct(26, [peer(name), .named(role), cut])
    }

    package static func renameRole(_ role: Event.ID, _ name: String) -> RightsAct {
        RightsAct(27, [.named(role), .text(name)])
    }
}

// Votes and links.
extension RightsAct {
    package static func ballot(_ proposal: Event.ID, _ accepts: Bool = true) -> RightsAct {
        RightsAct(31, [.named(proposal), .bool(accepts)])
    }

    package static func withdraw(_ proposal: Event.ID) -> RightsAct {
        RightsAct(32, [.named(proposal)])
    }

    package static func enact(
        _ proposal: Event.ID, _ ballots: [Event.ID], _ cut: CBORValue = .null
    ) -> RightsAct {
        RightsAct(33, [.named(proposal), .array(ballots.sorted().map { .named($0) }), cut])
    }

    /// A link whose key is that of somebody called `link`.
    package static func issue(
        _ link: String, uses: UInt64, recipient: String? = nil
    ) -> RightsAct {
        RightsAct(
            40,
            [
                .named(RightsServer.peer(link)), .unsigned(uses), .null, .unsigned(0), .null,
                recipient.map { peer($0) } ?? .null, .text(""),
            ])
    }

    package static func revokeLink(_ link: Event.ID) -> RightsAct {
        RightsAct(41, [.named(link)])
    }

    package static func admit(
        _ name: String, by link: Event.ID, _ secret: String, in server: Server.ID
    ) -> RightsAct {
        let target = RightsServer.peer(name)
        let claim = Array("peer-agent/claim/1".utf8) + server.bytes + link.bytes + target.bytes
        let signature = RightsServer.key(secret).sign(claim)
        return RightsAct(42, [.named(link), .named(target), .bytes(signature.bytes)])
    }
}

// Channels and content.
extension RightsAct {
    package static func channel(_ name: String, readers: [Event.ID]? = nil) -> RightsAct {
        let rule = readers.map { CBORValue.array($0.sorted().map { .named($0) }) } ?? .null
        return RightsAct(
            50, [.text(name), .unsigned(0), .text(""), .unsigned(0), rule, .null])
    }

    package static func deleteChannel(_ room: RightsRoom) -> RightsAct {
        RightsAct(51, [.named(room.channel)])
    }

    package static func renameChannel(_ room: RightsRoom, _ name: String) -> RightsAct {
        RightsAct(52, [.named(room.channel), .text(name)])
    }

    package static func topic(_ room: RightsRoom, _ text: String) -> RightsAct {
        RightsAct(53, [.named(room.channel), .text(text)])
    }

    package static func access(_ room: RightsRoom, _ readers: [Event.ID]?) -> RightsAct {
        let rule = readers.map { CBORValue.array($0.sorted().map { .named($0) }) } ?? .null
        return RightsAct(54, [.named(room.channel), rule])
    }

    package static func revive(_ room: RightsRoom) -> RightsAct {
        RightsAct(55, [.named(room.channel)])
    }

    private static func sealed(_ room: RightsRoom, _ text: String) -> [CBORValue] {
        let pad = [UInt8](repeating: 0, count: 16)
        return [
            .named(room.epoch), .bytes([UInt8](repeating: 0, count: 24)),
            .bytes(Array(text.utf8) + pad),
        ]
    }

    /// Nobody can open what tests of the rules seal.
    package static func post(
        _ room: RightsRoom, _ text: String, parent: Event.ID? = nil, causes: [Event.ID] = []
    ) -> RightsAct {
        let named = CBORValue.array(causes.sorted().map { .named($0) })
        let agent = causes.isEmpty ? CBORValue.null : .array([named, .null, .null, .null])
        return RightsAct(
            60,
            [.named(room.channel)] + sealed(room, text)
                + [parent.map { .named($0) } ?? .null, .array([]), agent])
    }

    package static func edit(
        _ message: Event.ID, _ room: RightsRoom, _ text: String
    ) -> RightsAct {
        RightsAct(61, [.named(message)] + sealed(room, text))
    }

    package static func delete(_ message: Event.ID) -> RightsAct {
        RightsAct(62, [.named(message), .text("")])
    }

    package static func react(
        _ message: Event.ID, _ room: RightsRoom, _ text: String
    ) -> RightsAct {
        RightsAct(63, [.named(message)] + sealed(room, text))
    }

    package static func unreact(_ reaction: Event.ID) -> RightsAct {
        RightsAct(64, [.named(reaction)])
    }

    package static func pin(_ message: Event.ID) -> RightsAct {
        RightsAct(65, [.named(message)])
    }

    package static func unpin(_ message: Event.ID) -> RightsAct {
        RightsAct(66, [.named(message)])
    }

    package static func profile(_ name: String) -> RightsAct {
        RightsAct(70, [.map([CBORValue.Pair(0, .text(name))])])
    }

    package static func prekey(_ seed: UInt8) -> RightsAct {
        let key = ExchangeKey(secret: [UInt8](repeating: seed, count: 32))
        return RightsAct(80, [.named(key.publicKey)])
    }

    package static func share(
        _ room: RightsRoom, with name: String, epochs: [Event.ID]
    ) -> RightsAct {
        RightsAct(
            82,
            [
                .named(room.channel), peer(name), .array(epochs.sorted().map { .named($0) }),
                .bytes([UInt8](repeating: 0, count: 48 + 32 * epochs.count)),
            ])
    }

    /// That a key could not be opened.
    package static func fault(_ room: RightsRoom) -> RightsAct {
        RightsAct(83, [.named(room.channel), .named(room.epoch), .unsigned(1)])
    }
}
