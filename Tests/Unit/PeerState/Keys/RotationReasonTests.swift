import PeerState
import PeerTesting
import Testing

/// Why a channel got a new key, told from the log (MCP 6.2, `KeyRotated`).
@Suite struct RotationReasonTests {
    private static func cast() throws -> (server: RightsServer, room: RightsRoom) {
        var server = try RightsServer.with(["A": .member, "B": .member])
        for (number, name) in ["O", "A", "B"].enumerated() {
            try server.write(name, .prekey(UInt8(number + 1)))
        }
        let room = try server.room("O", "plan")
        return (server, room)
    }

    private static func reason(
        _ server: inout RightsServer, _ room: RightsRoom, by name: String = "O"
    ) throws -> RotationReason? {
        let epoch = Epoch.ID(try server.rotate(name, room.channel))
        return server.state.rotationReason(of: epoch)
    }

    @Test func `the first key, and one that replaces it without need`() throws {
        var (server, room) = try Self.cast()
        #expect(server.state.rotationReason(of: Epoch.ID(room.epoch)) == .created)
        #expect(try Self.reason(&server, room) == .renewed)
        #expect(server.state.rotationReason(of: Epoch.ID(room.channel)) == nil)
    }

    @Test func `who was removed, whoever rotates then`() throws {
        var (server, room) = try Self.cast()
        try server.write("O", .remove("B", server.cut("B")))
        #expect(try Self.reason(&server, room, by: "A") == .removal)
        #expect(try Self.reason(&server, room, by: "A") == .renewed)
    }

    @Test func `other readers, fewer and more`() throws {
        var (server, room) = try Self.cast()
        let role = try server.write("O", .role("crew", []))
        try server.write("O", .assign("A", role))
        try server.write("O", .assign("O", role))
        try server.write("O", .access(room, [role]))
        #expect(try Self.reason(&server, room) == .access)
        try server.write("O", .access(room, nil))
        #expect(try Self.reason(&server, room) == .access)
        #expect(try Self.reason(&server, room) == .renewed)
    }

    @Test func `another prekey of a reader, and not the first of a newcomer`() throws {
        var (server, room) = try Self.cast()
        try server.write("B", .prekey(9))
        #expect(try Self.reason(&server, room) == .prekey)
        try server.write("O", .grant("C", .member))
        try server.write("C", .prekey(4))
        #expect(try Self.reason(&server, room) == .renewed)
    }

    @Test func `a key that was not what it claimed to be`() throws {
        var (server, room) = try Self.cast()
        let fault = KeyFaulted(
            channel: room.channel, epoch: Epoch.ID(room.epoch), reason: .commitMismatch)
        try server.write("A", RightsAct(fault))
        #expect(try Self.reason(&server, room, by: "A") == .fault)
        #expect(try Self.reason(&server, room, by: "A") == .renewed)
    }
}
