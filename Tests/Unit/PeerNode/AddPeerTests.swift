import PeerNet
import PeerNode
import PeerState
import PeerTesting
import Testing

/// MCP 3.5: naming a peer that is linked already.
@Suite struct AddPeerTests {
    @Test func `an address whose peer is linked is there at once, with and without its id`() throws
    {
        let mesh = try Mesh(seed: 811, count: 2)
        _ = try mesh.gather()
        for identity in [nil, mesh.peerID(0)] {
            let known = try mesh.act(1, .addPeer(address: Mesh.address(0), identity: identity))
            #expect(known.kind == .applied && known.waitingFor == nil, "\(identity?.short ?? "-")")
        }
        let far = try mesh.act(1, .addPeer(address: "10.0.9.9:4646", identity: nil))
        #expect(far.kind == .queued && far.waitingFor == "peer")
    }
}
