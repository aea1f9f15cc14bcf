import PeerNode
import PeerState
import PeerTesting
import Testing

/// A server on a mesh with some members that may admit, and others who hold a link to it.
struct LinkRoom {
    static let log = Log.silent
    let mesh: Mesh
    let server: Server.ID
    let channel: Channel.ID

    /// - Parameter moderators: nodes besides the owner, node 0, who may let others in.
    init(seed: UInt64, count: Int, moderators: [Int] = [], members: [Int] = []) throws {
        print("seed \(seed)")
        mesh = try Mesh(seed: seed, count: count, log: LinkRoom.log)
        let created = try mesh.act(0, .createServer(name: "Harbour", description: ""))
        server = try #require(created.server)
        channel = try #require(created.channel)
        for node in (moderators + members).sorted() {
            let invite = try mesh.act(
                0,
                .invite(
                    server: server, recipient: mesh.peerID(node), expiresAtMilliseconds: nil))
            _ = try mesh.act(node, .acceptInvite(code: invite.inviteCode ?? ""))
        }
        for node in moderators {
            let raise = RightsChange.raise(mesh.peerID(node), to: .moderator, reason: "")
            _ = try mesh.act(0, .rights(raise, in: server, isRehearsal: false))
        }
        mesh.run(for: .seconds(30))
    }

    /// A link by the owner, valid for an hour of the nodes' clocks.
    func link(uses: UInt64, by node: Int = 0, life: UInt64 = 3_600_000) throws -> Outcome {
        let expiry = mesh.wallMilliseconds(node) + life
        return try mesh.act(
            node, .link(.create(usesMax: uses, expiresAtMilliseconds: expiry), in: server))
    }

    func join(_ node: Int, _ link: Outcome) throws -> Outcome {
        try mesh.act(node, .acceptInvite(code: link.inviteCode ?? ""))
    }

    /// The code a node's join was refused with.
    func refusal(_ node: Int, _ link: Outcome) -> NodeCode? {
        do {
            _ = try join(node, link)
            return nil
        } catch let failure as NodeFailure {
            return failure.code
        } catch {
            return nil
        }
    }

    func isMember(_ node: Int, on other: Int) -> Bool {
        mesh.core(other).servers[server]?.state.standing(of: mesh.peerID(node)) != nil
    }

    func believesToBelong(_ node: Int) -> Bool {
        mesh.core(node).servers[server]?.isMember ?? false
    }

    func uses(of link: Outcome, on node: Int) -> Int? {
        link.event.flatMap { mesh.core(node).servers[server]?.state.link($0)?.uses }
    }
}
