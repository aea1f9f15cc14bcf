import PeerNode
import PeerState
import Testing

/// When a node speaks of itself, on virtual time.
@Suite struct OwnLifeTests {
    static let server = LiveBoardTests.server
    static let channel = LiveBoardTests.room

    static func at(_ seconds: UInt64) -> Instant { Instant.zero + .seconds(seconds) }

    /// Seconds at which a server is told within `length`, and what.
    static func said(
        _ life: inout OwnLife, _ seconds: ClosedRange<UInt64>
    ) -> [UInt64: PresenceState] {
        var said: [UInt64: PresenceState] = [:]
        for second in seconds {
            guard let due = life.presenceDue(in: server, at(second)), due <= at(second) else {
                continue
            }
            said[second] = life.announce(in: server, at(second))
        }
        return said
    }

    @Test func `presence is renewed every 20 s, and away after ten quiet minutes`() {
        var life = OwnLife(Self.at(0))
        #expect(Self.said(&life, 0...60) == [0: .online, 20: .online, 40: .online, 60: .online])
        let later = Self.said(&life, 61...640)
        #expect(later.filter { $0.value == .away }.keys.min() == 600)
        #expect(later.filter { $0.key >= 600 }.values.allSatisfy { $0 == .away })
        life.acted(Self.at(641))
        #expect(Self.said(&life, 641...650) == [645: .online], "5 s after the last word")
    }

    @Test func `a newcomer is told soon, but no more often than every 5 s`() {
        var life = OwnLife(Self.at(0))
        _ = Self.said(&life, 0...0)
        life.someoneCame(to: Self.server)
        #expect(Self.said(&life, 1...10) == [5: .online])
    }

    @Test func `invisible says offline once and then nothing`() {
        var life = OwnLife(Self.at(0))
        life.mode = .invisible
        #expect(Self.said(&life, 0...100).isEmpty, "who never was seen says nothing")
        life.mode = .busy
        #expect(Self.said(&life, 101...101) == [101: .busy])
        life.mode = .invisible
        #expect(Self.said(&life, 102...400) == [106: .offline])
        let mayType = life.maySayTyping(in: Self.channel, Self.at(401))
        #expect(!mayType)
    }

    @Test func `typing is told once in two seconds`() {
        var life = OwnLife(Self.at(0))
        let told = (0...9 as ClosedRange<UInt64>).filter {
            life.maySayTyping(in: Self.channel, Self.at($0))
        }
        #expect(told == [0, 2, 4, 6, 8])
        life.stoppedTyping(in: Self.channel)
        let mayType = life.maySayTyping(in: Self.channel, Self.at(9))
        #expect(mayType, "after a post at once")
    }

    @Test func `the state of a room is said twice a second at most, and renewed`() {
        var life = OwnLife(Self.at(0))
        let now = Moment(monotonic: Self.at(0), wallMilliseconds: 1)
        #expect(life.voiceDue(Self.at(0)) == nil)
        life.enter(Self.channel, of: Self.server, now)
        let said = (0..<3).map { _ in life.maySayVoice(Self.at(0)) }
        #expect(said == [true, true, false])
        #expect(life.voiceDue(Self.at(0)) == Self.at(10))
        _ = life.change { $0.isMuted = true }
        #expect(life.voiceDue(Self.at(0)) == Self.at(1), "the last change is said when it may be")
        let later = life.maySayVoice(Self.at(1))
        #expect(later && life.voiceDue(Self.at(1)) == Self.at(11))
    }

    @Test func `twenty signals a second may leave`() {
        var life = OwnLife(Self.at(0))
        for _ in 0..<20 { #expect(life.signalWait(Self.at(0)) == nil) }
        #expect(life.signalWait(Self.at(0)) == 1_000)
        #expect(life.signalWait(Self.at(1)) == nil)
    }

    @Test func `pieces of a text are numbered, and a text stays in its channel`() {
        var life = OwnLife(Self.at(0))
        let stream = [UInt8](repeating: 1, count: 16)
        for index in 0..<3 as Range<UInt64> {
            #expect(life.nextPiece(of: stream, in: Self.channel, Self.at(0)) == index)
        }
        let other = Channel.ID(Sodium.hash("other", []))
        #expect(life.nextPiece(of: stream, in: other, Self.at(0)) == nil)
        for number in 2...64 as ClosedRange<UInt8> {
            let more = [UInt8](repeating: number, count: 16)
            #expect(life.nextPiece(of: more, in: Self.channel, Self.at(0)) == 0)
        }
        let tooMany = [UInt8](repeating: 99, count: 16)
        #expect(life.nextPiece(of: tooMany, in: Self.channel, Self.at(0)) == nil)
        #expect(life.nextPiece(of: tooMany, in: Self.channel, Self.at(601)) == 0)
    }
}
