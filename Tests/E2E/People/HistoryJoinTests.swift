import PeerState
import PeerTesting
import Testing

/// A newcomer and a long history (SCENARIOS 11).
///
/// `./dev sim --join 50000` takes the events of the scenario, as `./dev sim --long` does.
@Suite struct HistoryJoinTests {
    /// - Parameter windows: how many ranges may be under way at once.
    private static func expectBounds(_ report: JoinedHistory.Report, windows: Int = 1) {
        #expect(report.problems.isEmpty, "\(report.problems.prefix(3))")
        // A window, and what else may be said beside it.
        let most = windows * Limits.creditWindow + Limits.maxFrame
        #expect(report.underWay <= most, "\(report)")
        #expect(report.pending <= (windows - 1) * Limits.pendingTotal, "\(report)")
    }

    @Test func `S-212 genesis and rights come first, and no more than the window is under way`()
        throws
    {
        print("seed 2121")
        let room = try JoinedHistory(seed: 2_121, events: 3_000, newcomers: 1)
        let report = try room.join(1) { _ in nil }
        Self.expectBounds(report)
        print(report)
        #expect(report.events >= 3_000 && report.lives == 0)
        #expect(report.underWay > Limits.creditWindow / 2, "the window was never filled")
        #expect(report.bytesSent * 10 < report.bytesStored * 11, "\(report)")
    }

    @Test func `S-212 a history that is cut a dozen times goes on from where it was`() throws {
        print("seed 212")
        var random = SeededRandom(seed: 212)
        let room = try JoinedHistory(seed: 212, events: 3_000, newcomers: 1)
        let report = try room.join(1) { life in
            life < 12 ? 8 + Int.random(in: 0..<8, using: &random) : nil
        }
        // A range that was under way when the link went is fetched beside the others; beginning
        // anew each time would bring five times what is stored.
        Self.expectBounds(report, windows: 2)
        print(report)
        #expect(report.events >= 3_000 && report.lives == 12, "\(report)")
        #expect(report.bytesArrived * 2 < report.bytesStored * 5, "\(report)")
    }

    /// One newcomer for each message of the exchange, who loses its link just there.
    @Test func `S-212 a join goes on wherever it is cut`() throws {
        print("seed 2120")
        let room = try JoinedHistory(seed: 2_120, events: 120, newcomers: 60)
        var message = 0
        var isCut = true
        while isCut && message < 60 {
            message += 1
            let report = try room.join(message) { life in life == 0 ? message : nil }
            Self.expectBounds(report)
            isCut = report.lives > 0
        }
        print("a join of \(message - 1) messages, cut after each")
        #expect(!isCut && message > 8, "the exchange has more messages than were tried")
    }
}
