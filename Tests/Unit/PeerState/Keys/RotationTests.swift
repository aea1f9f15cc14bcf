import PeerState
import PeerTesting
import Testing

/// Rotations judged by their words alone (PROTOCOL 7.2; SCENARIOS S-114, S-116, S-120, S-123).
@Suite struct RotationTests {
    @Test func `S-123 four hundred readers open one key by their place in two parts`() throws {
        var crowd = try KeyCrowd(Limits.boxesPerPart + 16)
        let draft = crowd.draft()
        #expect(draft.parts.count == 2)
        #expect(draft.parts.map(\.boxes.count) == [Limits.boxesPerPart, 16])
        let key = draft.key.copy()
        for member in crowd.members.indices { #expect(crowd.opens(member, draft) == key) }
        let sizes = try crowd.write(draft)
        #expect(sizes.count == 2 && sizes.allSatisfy { $0 < 34_000 })
        let epoch = try #require(crowd.newest)
        #expect(epoch.rotationRecipients == Set(crowd.members.map(\.publicKey)))
        #expect(crowd.replica.state.sendingEpoch(of: crowd.channel)?.id == epoch.id)
    }

    @Test func `S-123 one who is left out makes a rotation stand and be no candidate`() throws {
        var crowd = try KeyCrowd(5)
        let state = crowd.replica.state
        let draft = crowd.draft()
        var body = try #require(draft.parts.first)
        let readers = state.sealableReaders(of: crowd.channel, at: state.now).map(\.peer)
        body.boxes[2] = KeyRotated.emptyBox
        body.readersDigest = ChannelCrypto.readersDigest(
            readers.enumerated().filter { $0.offset != 2 }.map(\.element))
        let id = try #require(try crowd.write(body))
        #expect(crowd.replica.state.verdict(on: id) == nil)
        #expect(crowd.newest?.rotationRecipients.contains(readers[2]) == false)
        #expect(crowd.replica.state.sendingEpoch(of: crowd.channel) == nil)
        _ = try crowd.write(crowd.draft())
        #expect(crowd.replica.state.sendingEpoch(of: crowd.channel)?.parents == [Epoch.ID(id)])
    }

    enum Fault: String, CaseIterable, Sendable {
        case extraBox, outsiderInDigest, tooFewBoxes, wrongParents, deletedChannel
    }

    @Test(arguments: Fault.allCases)
    func `S-114 a rotation for the wrong readers is void with its code`(fault: Fault) throws {
        var crowd = try KeyCrowd(4)
        _ = try crowd.write(crowd.draft())
        var body = try #require(crowd.draft().parts.first)
        let state = crowd.replica.state
        let readers = state.sealableReaders(of: crowd.channel, at: state.now).map(\.peer)
        let expected: RuleCode
        switch fault {
        case .extraBox:
            body.boxes.append([UInt8](repeating: 7, count: KeyRotated.boxByteCount))
            expected = .extraReader
        case .outsiderInDigest:
            let outsider = SigningKey(seed: [UInt8](repeating: 9, count: 32)).publicKey
            body.readersDigest = ChannelCrypto.readersDigest(readers + [outsider])
            expected = .extraReader
        case .tooFewBoxes:
            body.boxes.removeLast()
            expected = .badBody
        case .wrongParents:
            body.parents = []
            body.prevBoxes = []
            expected = .unknownTarget
        case .deletedChannel:
            _ = try crowd.write(ChannelDeleted(channel: crowd.channel))
            expected = .channelDeleted
        }
        let failure = #expect(throws: Failure<RuleCode>.self) { try crowd.write(body) }
        #expect(failure?.code == expected)
    }

    @Test func `S-116 who was dropped has no box, and old ones give nothing of the new key`()
        throws
    {
        var crowd = try KeyCrowd(4)
        let first = crowd.draft()
        _ = try crowd.write(first)
        let target = crowd.members[3].publicKey
        let cut = crowd.replica.state.lastPlace(of: target)
        _ = try crowd.write(MemberRemoved(target: target, cut: cut, reason: ""))
        let second = crowd.draft()
        _ = try crowd.write(second)
        #expect(crowd.newest?.rotationRecipients.count == 3)
        #expect(crowd.newest?.rotationRecipients.contains(target) == false)
        let old = crowd.prekeys[3]
        for box in second.parts.flatMap(\.boxes) { #expect(old.open(box) == nil) }
        let kept = first.parts.flatMap(\.boxes).compactMap { old.open($0) }
        #expect(kept == [first.key.copy()] && kept != [second.key.copy()])
    }

    enum Change: String, CaseIterable, Sendable {
        case ciphertext, nonce, channel, author, seq, prev, epoch, commit, kind, server
    }

    @Test(arguments: Change.allCases)
    func `S-120 H-094 a text moved, changed or signed again does not open`(change: Change) throws {
        var crowd = try KeyCrowd(2)
        let draft = crowd.draft()
        _ = try crowd.write(draft)
        let epoch = try #require(crowd.newest)
        let other = Sodium.hash("test", [1])
        func place(_ change: Change?) -> MessagePlace {
            MessagePlace(
                server: change == .server ? Server.ID(other) : crowd.replica.id,
                channel: change == .channel ? Channel.ID(other) : crowd.channel,
                epoch: change == .epoch ? Epoch.ID(other) : epoch.id,
                commit: change == .commit ? other : epoch.commit,
                author: crowd.members[change == .author ? 1 : 0].publicKey,
                seq: change == .seq ? 8 : 7, prev: change == .prev ? Event.ID(other) : nil,
                kind: change == .kind ? MessageEdited.kind : MessagePosted.kind)
        }
        let key = draft.key.copy()
        var sealed = place(nil).seal(
            MessageText("for one place", mentions: []), channelKey: key, &crowd.entropy)
        #expect(try place(nil).open(sealed, channelKey: key).text == "for one place")
        if change == .ciphertext {
            var bytes = sealed.ciphertext
            bytes[3] ^= 1
            sealed = SealedBody(epoch: sealed.epoch, nonce: sealed.nonce, ciphertext: bytes)
        } else if change == .nonce {
            var bytes = sealed.nonce
            bytes[0] ^= 1
            sealed = SealedBody(epoch: sealed.epoch, nonce: bytes, ciphertext: sealed.ciphertext)
        }
        let moved = sealed
        let failure = #expect(throws: Failure<RuleCode>.self) {
            try place(change).open(moved, channelKey: key)
        }
        #expect(failure?.code == .undecryptable)
    }
}
