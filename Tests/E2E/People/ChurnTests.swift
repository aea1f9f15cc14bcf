import PeerTesting
import Testing

/// However members come and go, whoever is one can send.
@Suite struct ChurnTests {
    /// With two hundred: `PeerSim --churn 200`, which takes an optimised build ten minutes.
    @Test func `a dozen members who come, go and restart always have a key`() throws {
        print("seed 9101")
        var churn = try Churn(seed: 9_101, count: 12, atFirst: 6)
        try churn.run(seconds: 60, joins: 1)
        print(
            "longest \(churn.longestSeconds) s, \(churn.removed) went, \(churn.restarts) restarts")
        let problems = try churn.problems()
        #expect(problems == [])
        #expect(churn.outside.isEmpty)
        #expect(churn.removed >= 5 && churn.restarts >= 10)
    }
}
