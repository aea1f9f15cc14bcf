import Foundation
import PeerNet
import PeerState
import PeerTesting
import Testing

@Suite struct SyncFrontierTests {
    struct Vectors: Decodable {
        let events: [Entry]
        let misc: Misc
        let second: Second
    }
    struct Misc: Decodable {
        let frontierDigest: String
        enum CodingKeys: String, CodingKey { case frontierDigest = "frontier_digest" }
    }
    struct Entry: Decodable {
        let id: String
        let payload: String
    }
    struct Second: Decodable {
        let events: [Entry]
        let loose: [String]
        let frontierDigest: String
        enum CodingKeys: String, CodingKey {
            case events, loose
            case frontierDigest = "frontier_digest"
        }
    }

    static func chainEntry(_ entry: Entry) throws -> (author: Peer.ID, head: Head) {
        let id = try #require(Event.ID(hex: entry.id))
        var reader = CBORReader(try #require([UInt8](hex: entry.payload)))
        _ = try reader.array()
        try reader.skip()
        try reader.skip()
        let author: Peer.ID = try reader.identifier()
        return (author, Head(seq: try reader.unsigned(), id: id))
    }

    static func load() throws -> Data? {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let shared =
            ProcessInfo.processInfo.environment["PEER_SHARED"].map { URL(filePath: $0) }
            ?? root.appending(path: "../shared")
        let file = shared.appending(path: "vectors/event.json")
        guard FileManager.default.fileExists(atPath: file.path) else {
            print("skipped: no vectors at \(file.path)")
            return nil
        }
        return try Data(contentsOf: file)
    }

    @Test func `the digest of the published history is the published one`() throws {
        guard let data = try Self.load() else { return }
        let vectors = try JSONDecoder().decode(Vectors.self, from: data)
        var heads: [Peer.ID: Head] = [:]
        for event in vectors.events {
            let (author, head) = try Self.chainEntry(event)
            if head.seq > heads[author]?.seq ?? 0 { heads[author] = head }
        }
        #expect(Frontier.digest(heads: heads).hex == vectors.misc.frontierDigest)
    }

    /// In the second history one author forked at 2, and one of the branches is loose.
    @Test func `the digest of the published fork is the published one`() throws {
        guard let data = try Self.load() else { return }
        let second = try JSONDecoder().decode(Vectors.self, from: data).second
        var heads: [Peer.ID: Head] = [:]
        var seen: [Peer.ID: Set<UInt64>] = [:]
        var forked: (author: Peer.ID, from: UInt64)?
        for event in second.events {
            let (author, head) = try Self.chainEntry(event)
            if seen[author, default: []].insert(head.seq).inserted == false {
                forked = (author, min(head.seq, forked?.from ?? head.seq))
            }
            guard !second.loose.contains(event.id) else { continue }
            if head.seq > heads[author]?.seq ?? 0 { heads[author] = head }
        }
        let (author, from) = try #require(forked)
        let fork = Frontier.Fork(from: from, heads: [try #require(heads[author])])
        #expect(
            Frontier.digest(heads: heads, forks: [author: fork]).hex == second.frontierDigest)
    }

    @Test func `a fork changes the digest, the order of heads does not`() {
        let heads = [toyPeer(1): Head(seq: 3, id: Event.ID(toyServer(1)))]
        let branches = [
            Head(seq: 3, id: Event.ID(toyServer(1))), Head(seq: 2, id: Event.ID(toyServer(2))),
        ]
        let fork = Frontier.Fork(from: 2, heads: branches)
        let reversed = Frontier.Fork(from: 2, heads: branches.reversed())
        let digest = Frontier.digest(heads: heads, forks: [toyPeer(1): fork])
        #expect(digest == Frontier.digest(heads: [:], forks: [toyPeer(1): reversed]))
        #expect(digest != Frontier.digest(heads: heads))
    }
}
