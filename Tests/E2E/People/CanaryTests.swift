import PeerNet
import PeerNode
import PeerState
import PeerTesting
import Testing

/// Words that are only for the readers of one channel: nobody else has them, in any form
/// (SCENARIOS S-110, S-118, S-185).
@Suite struct CanaryTests {
    /// What is written in one channel of a server with a provider and a member without the role.
    private struct Room {
        static let text = "canarytextq7"
        static let edited = "canaryeditq7"
        static let reply = "canaryreplyq7"
        static let emoji = "canaryreactq7"
        static let caption = "canarycaptionq7"
        static let content = "canarycontentq7"
        static let partial = "canarypartialq7"
        static let presence = "canarypresenceq7"
        static let signal = "canarysignalq7"
        static let stored = [text, edited, reply, emoji, caption]
        static let live = [partial, signal]
        static let all = stored + live + [content, presence]

        let mesh: Mesh
        let server: Server.ID
        let general: Channel.ID
        let role: Event.ID
        let secret: Channel.ID
        let voice: Channel.ID

        /// Node 0 founds, node 1 is a provider, node 2 has the role, node 3 has not.
        init(seed: UInt64, folder: String?) throws {
            print("seed \(seed)")
            mesh = try Mesh(seed: seed, count: 4, folder: folder) { node, configuration in
                guard node == 1 else { return }
                configuration.isProvider = true
                configuration.peers = [Mesh.address(0)]
            }
            mesh.run(for: .seconds(5))
            let created = try mesh.act(0, .createServer(name: "Harbour", description: ""))
            server = try #require(created.server)
            general = try #require(created.channel)
            _ = try mesh.act(0, .authorizeWorker(mesh.peerID(1), in: server))
            for node in 2...3 {
                let invite = try mesh.act(
                    0,
                    .invite(
                        server: server, recipient: mesh.peerID(node), expiresAtMilliseconds: nil))
                // The provider is named in the invite, and must have heard of the guest.
                mesh.run(for: .seconds(20))
                _ = try mesh.act(node, .acceptInvite(code: invite.inviteCode ?? ""))
            }
            mesh.run(for: .seconds(20))
            let made = try mesh.act(
                0,
                .rights(
                    .createRole(name: "Keepers", permissions: []), in: server, isRehearsal: false))
            role = try #require(made.event)
            for node in [0, 2] {
                _ = try mesh.act(
                    0,
                    .rights(
                        .assign(role, to: mesh.peerID(node)), in: server, isRehearsal: false))
            }
            secret = try Self.open("keep", isVoice: false, mesh, server, role)
            voice = try Self.open("keep-voice", isVoice: true, mesh, server, role)
            mesh.run(for: .seconds(20))
        }

        private static func open(
            _ name: String, isVoice: Bool, _ mesh: Mesh, _ server: Server.ID, _ role: Event.ID
        ) throws -> Channel.ID {
            var plan = ChannelPlan(name: name)
            plan.readers = [role]
            plan.isVoice = isVoice
            return try #require(try mesh.act(0, .channel(.create(plan), in: server)).channel)
        }

        /// Posts, answers, changes, reacts to, and attaches something.
        func writeAll() throws -> PeerState.Attachment {
            let first = try #require(try mesh.post(0, server, secret, Self.text).event)
            mesh.run(for: .seconds(5))
            var reply = PostMessage(
                principal: "test", server: server, channel: secret, text: Self.reply)
            reply.parent = first
            _ = try mesh.act(2, .postMessage(reply))
            let react = ContentAct.react(emoji: Self.emoji)
            _ = try mesh.act(2, .content(react, on: first, in: server, principal: "test"))
            let edit = ContentAct.edit(text: Self.edited)
            _ = try mesh.act(0, .content(edit, on: first, in: server, principal: "test"))
            _ = try mesh.post(0, server, secret, Self.caption)
            let bytes = Array(repeating: Array(Self.content.utf8), count: 3_000).flatMap(\.self)
            return try mesh.share(0, server, secret, bytes, chunkSize: 262_144).file
        }

        /// Says what nobody stores.
        func sayAll() throws {
            _ = try mesh.act(0, .live(.presence(.online, text: Self.presence)))
            _ = try mesh.act(0, .live(.typing(secret, in: server)))
            _ = try mesh.act(0, .live(.partial(Self.partial, stream: nil, secret, in: server)))
            for node in [0, 2] { _ = try mesh.act(node, .live(.joinVoice(voice, in: server))) }
            mesh.run(for: .seconds(3))
            let signal = VoiceSignal(
                channel: voice, to: mesh.peerID(2), kind: .offer, text: Self.signal)
            _ = try mesh.act(0, .live(.signal(signal, in: server)))
            mesh.run(for: .seconds(30))
        }
    }

    @Test func `S-118 who cannot read a channel is told nothing of its messages`() throws {
        let room = try Room(seed: 5_102, folder: nil)
        let mesh = room.mesh
        func told(_ node: Int, of channel: Channel.ID) throws -> [NodeEventKind] {
            try mesh.feed(node).filter { $0.channel == channel }.map(\.kind)
        }
        let (known, before) = (try told(3, of: room.secret), try told(2, of: room.secret).count)
        let message = try #require(try mesh.post(0, room.server, room.secret, Room.text).event)
        mesh.run(for: .seconds(5))
        let acts: [ContentAct] = [
            .react(emoji: Room.emoji), .edit(text: Room.edited), .pin, .unpin,
            .delete(reason: ""),
        ]
        for act in acts {
            _ = try mesh.act(0, .content(act, on: message, in: room.server, principal: "test"))
            mesh.run(for: .seconds(2))
        }
        _ = try mesh.post(0, room.server, room.general, "for all")
        mesh.run(for: .seconds(20))
        #expect(try told(3, of: room.general) == [.messageReceived])
        let heard = try told(3, of: room.secret)
        #expect(heard == known)
        // Its node knows that something was written, and shows none of it.
        let last = try #require(try mesh.post(0, room.server, room.secret, Room.text).event)
        mesh.run(for: .seconds(20))
        let sealed = try #require(try mesh.stored(3, last))
        #expect(sealed.flags.contains(.sealed))
        #expect(try mesh.shown(3, room.server, room.secret).isEmpty)
        #expect(throws: NodeFailure.self) { try mesh.core(3).message(last, sealed) }
        #expect(
            try told(2, of: room.secret).dropFirst(before) == [
                .messageReceived, .reactionAdded, .messageEdited, .messagePinned,
                .messageUnpinned, .messageDeleted, .messageReceived,
            ])
    }

    private static func found(_ words: [String], in bytes: [UInt8]) -> [String] {
        words.filter { bytes.firstRange(of: Array($0.utf8)) != nil }
    }

    @Test func `S-110 words of a restricted channel are with its readers alone`() throws {
        let folder = try LiveNodes.temporaryDirectory()
        defer { LiveNodes.remove(folder) }
        let room = try Room(seed: 5_101, folder: folder)
        let mesh = room.mesh
        var wire: [UInt8] = []
        mesh.onWire = { _, bytes in wire += bytes }
        let file = try room.writeAll()
        _ = mesh.takeLive(2)
        try room.sayAll()
        for node in 1...3 { mesh.fetch(node, file, in: room.server) }
        mesh.run(for: .seconds(60))
        _ = try mesh.post(0, room.server, room.general, "sentinelq7")
        mesh.run(for: .seconds(30))

        // What is looked for is there where it may be.
        let reader = try mesh.storedBytes(2)
        // A page's end may divide a word, so not each is found; the texts say what there is.
        #expect(Self.found([Room.edited, Room.reply, Room.caption], in: reader).count > 0)
        let texts = try mesh.texts(2, room.server, room.secret)
        #expect(texts.contains(Room.edited) && texts.contains(Room.reply), "\(texts)")
        #expect(mesh.opened(2, file).map { Self.found([Room.content], in: $0).count } == 1)
        #expect(mesh.takeLive(2).contains { $0.what == .signal(.offer, text: Room.signal) })
        let hash = try #require(mesh.stateHash(0, room.server))
        for node in 1...3 { #expect(mesh.stateHash(node, room.server) == hash, "node \(node)") }
        #expect(try mesh.texts(3, room.server, room.general) == ["sentinelq7"])
        #expect(Self.found(["sentinelq7"], in: try mesh.storedBytes(3)).count == 1)

        #expect(Self.found(Room.all, in: wire).isEmpty, "of \(wire.count) bytes")
        for node in [1, 3] {
            let bytes = try mesh.storedBytes(node)
            #expect(bytes.count > 20_000)
            #expect(Self.found(Room.all, in: bytes).isEmpty, "node \(node)")
        }
        #expect(mesh.end(3, file.chunks[0]) != .here, "no reader, no chunk")
        #expect(mesh.held(3, file.chunks[0]) == nil)
        #expect(mesh.held(1, file.chunks[0]) != nil, "a provider keeps what it cannot open")
    }

    /// Inside the link's own encryption, as the peer at its other end gets it.
    @Test(arguments: [1, 3])
    func `S-110 what reaches a peer that is no reader is sealed`(node: Int) throws {
        let room = try Room(seed: 5_102, folder: nil)
        let mesh = room.mesh
        let outsider = try mesh.replace(node, dialling: 0)
        mesh.run(for: .seconds(5))
        try #require(outsider.isOpen)
        _ = try room.writeAll()
        try room.sayAll()
        let heads = mesh.core(0).servers[room.server]?.committedHeads ?? [:]
        let ranges = heads.sorted { $0.key < $1.key }.map {
            SeqRange(author: $0.key, from: 1, to: $0.value.seq)
        }
        mesh.send(
            SyncMessage.want(room.server, id: 1, ranges, credit: 1 << 20).bytes, as: node)
        mesh.run(for: .seconds(30))
        let got = outsider.recorded.flatMap(\.self)
        #expect(Self.found(Room.all, in: got).isEmpty)
        // It is the whole history that was given, names and all; live words come sealed.
        #expect(Self.found(["keep-voice", "Keepers"], in: got).count == 2)
        let kinds = try outsider.recorded.map { try SyncMessage(decoding: $0).type }
        #expect(kinds.contains(SyncFrameType.ephemeral.rawValue))
    }

    @Test func `S-095 a provider without channels opens nothing of what it keeps`() throws {
        let room = try Room(seed: 5_103, folder: nil)
        let mesh = room.mesh
        _ = try room.writeAll()
        _ = try mesh.post(2, room.server, room.general, "for everybody")
        mesh.run(for: .seconds(30))
        let slot = try #require(mesh.core(1).servers[room.server])
        #expect(slot.state.epochs.count >= 3)
        #expect(slot.state.epochs.keys.allSatisfy { !slot.keys.holds($0) })
        for channel in [room.general, room.secret] {
            #expect(try mesh.texts(1, room.server, channel).isEmpty)
            #expect(try mesh.texts(2, room.server, channel).isEmpty == false)
            #expect(!slot.state.isReader(mesh.peerID(1), of: channel, at: slot.state.now))
        }
        #expect(
            slot.state.epochs.values.allSatisfy {
                !slot.state.recipients(of: $0).contains(mesh.peerID(1))
            })
        let refusal = #expect(throws: NodeFailure.self) {
            try mesh.post(1, room.server, room.general, "let me in")
        }
        #expect(refusal?.code == .noPermission || refusal?.code == .notReader)
    }
}
