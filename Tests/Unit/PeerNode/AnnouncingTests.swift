import PeerNet
import PeerNode
import PeerState
import Testing

/// What agents are told, by name and number, of what others did and of own acts alike (MCP 6.2).
@Suite struct AnnouncingTests {
    private let fixture: TextsFixture
    private let carol = SigningKey(seed: [UInt8](repeating: 3, count: 32)).publicKey

    init() throws {
        fixture = try TextsFixture()
    }

    /// Names of what an act lets agents notice.
    private func kinds(_ act: () throws -> Void) throws -> [String] {
        let feed = fixture.core.visibleFeed
        fixture.changes = []
        try act()
        let told = try fixture.told(after: feed)
        #expect(told.compactMap(\.feed) == told.compactMap(\.feed).sorted())
        #expect(told.isEmpty || fixture.changes.contains(.feed))
        return told.map(\.kind.rawValue)
    }

    private func event(_ kind: NodeEventKind) throws -> NodeEvent {
        try #require(try fixture.told(after: 0).last { $0.kind == kind })
    }

    private func raiseBob() throws {
        try fixture.write(MemberGranted(target: fixture.bob.publicKey, level: .admin))
    }

    @Test func `rights and places that somebody else changes are told`() throws {
        let bob = fixture.bob
        #expect(try kinds { try raiseBob() } == ["PeerTrusted"])
        #expect(try event(.peerTrusted)["level"] == .word("admin"))
        var channel: Channel.ID?
        var role: Event.ID?
        #expect(
            try kinds {
                try fixture.write(ServerRenamed(name: "Quay"), by: bob)
                try fixture.write(ServerDescribed(description: "boats"), by: bob)
                let made = try fixture.write(ChannelCreated(name: "dock"), by: bob)
                channel = Channel.ID(made.event.id)
                role = try fixture.write(
                    RoleCreated(name: "crew", permissions: .managePins), by: bob
                ).event.id
            } == ["ServerRenamed", "ServerDescriptionChanged", "ChannelCreated", "RoleCreated"])
        let (dock, crew) = (try #require(channel), try #require(role))
        let pins = try #require(PermissionNumber(6))
        let own = fixture.core.me
        #expect(
            try kinds {
                try fixture.write(ChannelRenamed(channel: dock, name: "pier"), by: bob)
                try fixture.write(ChannelTopicSet(channel: dock, topic: "ropes"), by: bob)
                try fixture.write(ChannelReadersSet(channel: dock, readers: nil), by: bob)
                try fixture.write(RoleRenamed(role: crew, name: "sailors"), by: bob)
                try fixture.write(
                    RolePermissionSet(role: crew, permission: pins, isHeld: false), by: bob)
                try fixture.write(RoleAssigned(target: own, role: crew), by: bob)
                try fixture.write(PermissionGranted(target: own, permission: pins), by: bob)
                try fixture.write(RoleDeleted(role: crew), by: bob)
                try fixture.write(ChannelDeleted(channel: dock), by: bob)
                try fixture.write(ProfileUpdated(displayName: "Bob"), by: bob)
            } == [
                "ChannelRenamed", "ChannelTopicChanged", "ChannelAccessChanged", "RoleRenamed",
                "RolePermissionChanged", "RoleAssigned", "PermissionGranted", "RoleDeleted",
                "ChannelDeleted", "ProfileUpdated",
            ])
        let server = fixture.server
        #expect(
            fixture.changes.isSuperset(of: [.channels(server), .roles(server), .members(server)]))
        let renamed = try event(.channelRenamed)
        #expect(renamed["name"] == .text("pier") && renamed["old_name"] == .text("dock"))
        #expect(renamed.channel == dock && renamed["channel_id"] == .word(dock.hex))
        #expect(try event(.roleDeleted)["name"] == .text("sailors"))
        #expect(try event(.rolePermissionChanged)["permission"] == .word("ManagePins"))
        #expect(try event(.profileUpdated)["display_name"] == .text("Bob"))
    }

    @Test func `coming, going and coming back each have a name`() throws {
        let joined = try kinds { try fixture.write(MemberGranted(target: carol, level: .member)) }
        #expect(joined == ["MemberJoined"])
        #expect(try event(.memberJoined)["by"] == .word(fixture.core.me.hex))
        #expect(
            try kinds {
                try fixture.write(MemberSuspended(target: carol, cut: nil, reason: ""))
                try fixture.write(MemberGranted(target: carol, level: .member))
                try fixture.write(MemberRemoved(target: carol, cut: nil, reason: ""))
                try fixture.write(MemberLeft(), by: fixture.bob)
            } == ["MemberSuspended", "MemberRestored", "MemberKicked", "MemberLeft"])
        let kicked = try event(.memberKicked)
        #expect(kicked["peer_id"] == .word(carol.hex) && kicked["last_accepted"] == .place(nil))
    }

    @Test func `an own demotion is one thing, not a kick and a return`() throws {
        try raiseBob()
        let bob = fixture.bob.publicKey
        let lowered = try kinds {
            _ = try fixture.act(
                .rights(
                    .lower(bob, to: .member, reason: ""), in: fixture.server, isRehearsal: false))
        }
        #expect(lowered == ["PeerUntrusted"])
        #expect(try event(.peerUntrusted)["level"] == .word("member"))
    }

    @Test func `S-059 what a removal voids is told, and told again when it returns`() throws {
        _ = try fixture.bobPosts("before")
        let head = try #require(
            fixture.core.servers[fixture.server]?.state.lastPlace(of: fixture.bob.publicKey))
        let post = try fixture.bobPosts("beyond")
        var removal: Event.ID?
        #expect(
            try kinds {
                removal = try fixture.write(
                    MemberRemoved(target: fixture.bob.publicKey, cut: head, reason: "")
                ).event.id
            } == ["MemberKicked", "EventVoided"])
        let voided = try event(.eventVoided)
        #expect(voided["event_id"] == .word(post.hex))
        #expect(voided["rule"] == .word("voidedByRemoval"))
        #expect(voided["was"] == .word("MessageReceived"))
        #expect(voided.channel == fixture.channel)
        let (lowering, seq) = (
            try #require(removal),
            try #require(fixture.core.servers[fixture.server]?.state.seq(of: post))
        )
        #expect(
            try kinds {
                try fixture.write(RemovalExtended(lowering: lowering, seq: seq, pin: post))
            }.sorted() == ["EventRestored", "MessageReceived", "RemovalExtended"])
        // What is read again says why it fell, also now that it has its effect again.
        #expect(try event(.eventVoided)["rule"] == .word("voidedByRemoval"))
        #expect(try event(.eventRestored)["rule"] == .word("voidedByRemoval"))
        #expect(try event(.eventRestored)["was"] == .word("MessageReceived"))
    }

    @Test func `a proposal is followed to its end`() throws {
        try raiseBob()
        let state = try #require(fixture.core.servers[fixture.server]?.state)
        var proposal: Event.ID?
        #expect(
            try kinds {
                proposal = try fixture.write(
                    Proposed(
                        action: .setThreshold(.unanimous), threshold: .majority,
                        electorateDigest: ServerState.electorateDigest(
                            state.electorate(at: state.now)), life: 10, reason: ""),
                    by: fixture.bob
                ).event.id
            } == ["ProposalCreated"])
        #expect(fixture.changes.contains(.proposals(fixture.server)))
        let id = try #require(proposal)
        let created = try event(.proposalCreated)
        #expect(created["action"] == .word("threshold unanimous"))
        #expect(created["have"] == .number(1) && created["need"] == .number(2))
        #expect(
            try kinds {
                _ = try fixture.act(.vote(.vote(on: id, accepts: false), in: fixture.server))
            } == ["VoteCast", "ProposalFailed"])
        #expect(try event(.proposalFailed)["proposal_id"] == .word(id.hex))
        try fixture.restart()
        #expect(try kinds { _ = try fixture.bobPosts("more") } == ["MessageReceived"])
    }

    @Test func `a proposal expires when the log has gone on long enough`() throws {
        try raiseBob()
        let state = try #require(fixture.core.servers[fixture.server]?.state)
        try fixture.write(
            Proposed(
                action: .setThreshold(.unanimous), threshold: .majority,
                electorateDigest: ServerState.electorateDigest(state.electorate(at: state.now)),
                life: 10, reason: ""), by: fixture.bob)
        let told = try kinds {
            for number in 0..<12 { _ = try fixture.bobPosts("tick \(number)") }
        }
        #expect(told.count { $0 == "ProposalExpired" } == 1)
    }

    @Test func `edits, deletions, pins and own reactions are told once`() throws {
        let message = try fixture.bobPosts("first")
        let principal = "agent"
        let told = try kinds {
            _ = try fixture.bobEdits(message, "second")
            for act in [ContentAct.react(emoji: "🍵"), .unreact(emoji: "🍵"), .pin, .unpin] {
                _ = try fixture.act(
                    .content(act, on: message, in: fixture.server, principal: principal))
            }
            try fixture.write(MessageDeleted(message: message, reason: ""), by: fixture.bob)
        }
        #expect(
            told == [
                "MessageEdited", "ReactionAdded", "ReactionRemoved", "MessagePinned",
                "MessageUnpinned", "MessageDeleted",
            ])
        #expect(try event(.reactionAdded)["emoji"] == .text("🍵"))
        #expect(try event(.messagePinned)["by"] == .word(fixture.core.me.hex))
        let before = try fixture.told(after: 0)
        try fixture.restart()
        #expect(fixture.core.visibleFeed == before.last?.feed)
        let kept = try fixture.told(after: 0).map(\.kind)
        #expect(kept == before.map(\.kind), "what was told can be read again")
    }

    @Test func `an event that was void at once is told to nobody`() throws {
        let told = try kinds {
            _ = try? fixture.write(ServerRenamed(name: "mine"), by: fixture.bob)
        }
        #expect(told.isEmpty)
    }

    @Test func `the feed is read in pages that end where they say`() throws {
        for number in 0..<7 { _ = try fixture.bobPosts("m\(number)") }
        var position: UInt64 = 0
        var seen: [UInt64] = []
        while true {
            let found = try NodeStorage.feed(
                after: position, through: fixture.core.visibleFeed, limit: 3, fixture.store)
            seen += found.items.map(\.row.position)
            position = found.position
            if !found.hasMore { break }
        }
        #expect(seen == Array(Set(seen)).sorted() && seen.last == fixture.core.visibleFeed)
    }
}
