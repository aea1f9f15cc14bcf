import PeerState
import PeerTesting
import Testing

/// A newcomer and a long history (SCENARIOS 11).
///
/// `./dev sim --join 50000` takes the events of the scenario, as `./dev sim --long` does.
@Suite struct HistoryJoinTests {
    private static func expectBounds(_ report: JoinedHistory.Report) {
        #expect(report.problems.isEmpty, "\(report.problems.prefix(3))")
        // A window, and what else may be said beside it.
        let most = Limits.creditWindow + Limits.maxFrame
        #expect(report.underWay <= most, "\(report)")
        #expect(report.pending == 0, "\(report)")
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
            life < 12 ? 5 + Int.random(in: 0..<4, using: &random) : nil
        }
        // Two ranges side by side would wait for one another, and twice as much would come as is
        // stored; beginning anew each time would bring five times as much.
        Self.expectBounds(report)
        print(report)
        #expect(report.events >= 3_000 && report.lives == 12, "\(report)")
        #expect(report.bytesArrived * 2 < report.bytesStored * 3, "\(report)")
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
