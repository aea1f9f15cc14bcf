import PeerState
import PeerTesting
import Testing

extension RightsServer {
    /// Expects a code for one signature check, and that nothing but the list of void events
    /// changes.
    mutating func expectRefused(
        _ envelope: Envelope, _ code: String, checks: Int = 1,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let before = visible
        let (word, cost) = Cost.counting { receive(envelope) }
        #expect(word == code, sourceLocation: sourceLocation)
        #expect(visible == before, "something took effect", sourceLocation: sourceLocation)
        #expect(cost.signatureChecks <= checks, sourceLocation: sourceLocation)
    }

    /// The same for an act of somebody who knows everything here.
    mutating func expectRefused(
        _ name: String, _ act: RightsAct, _ code: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        expectRefused(try forged(name, act), code, sourceLocation: sourceLocation)
    }

    /// Expects a refusal that leaves no event and the very same state.
    mutating func expectDropped(
        _ envelope: Envelope, _ code: String, checks: Int = 1,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let (hash, digest, count) = (hash, FrontierDigest.of(state), state.graph.count)
        expectRefused(envelope, code, checks: checks, sourceLocation: sourceLocation)
        #expect(
            self.hash == hash && FrontierDigest.of(state) == digest && state.graph.count == count,
            "something was kept", sourceLocation: sourceLocation)
    }

    /// Takes in what another part wrote and counts signature checks.
    mutating func checks(taking other: RightsServer) -> Int {
        Cost.counting { merge(other) }.cost.signatureChecks
    }
}
