import Foundation
import PeerTesting
import Testing

/// However members come and go, whoever is one can send.
@Suite struct ChurnTests {
    private static func churn(_ churn: inout Churn, seconds: Int, joins: Int) throws {
        try churn.run(seconds: seconds, joins: joins)
        print(
            "longest \(churn.longestSeconds) s, \(churn.removed) went, \(churn.restarts) restarts")
        let problems = try churn.problems()
        #expect(problems == [])
        #expect(churn.outside.isEmpty)
    }

    @Test func `a dozen members who come, go and restart always have a key`() throws {
        print("seed 9101")
        var churn = try Churn(seed: 9_101, count: 12, atFirst: 6)
        try Self.churn(&churn, seconds: 60, joins: 1)
        #expect(churn.removed >= 5 && churn.restarts >= 10)
    }

    /// Its optimised form is `PeerSim --churn 200`.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["PEER_LONG"] != nil))
    func `two hundred members who come, go and restart always have a key`() throws {
        print("seed 9102")
        var churn = try Churn(seed: 9_102, count: 200, atFirst: 150)
        try Self.churn(&churn, seconds: 100, joins: 5)
        #expect(churn.removed >= 10 && churn.restarts >= 20)
    }
}
