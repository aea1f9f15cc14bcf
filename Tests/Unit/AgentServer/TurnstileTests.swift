import AgentServer
import PeerState
import PeerTesting
import Testing

/// Few at a time, in order of arrival.
@Suite(.timeLimit(.minutes(Patience.minutes))) struct TurnstileTests {
    private actor Crowd {
        private(set) var entered: [Int] = []
        private var inside = 0
        private(set) var most = 0

        func enter(_ number: Int) {
            entered.append(number)
            inside += 1
            most = max(most, inside)
        }

        func leave() { inside -= 1 }
    }

    @Test func `no more are in than there are places, and everybody gets in`() async {
        let turnstile = Turnstile(places: 3)
        let crowd = Crowd()
        await withTaskGroup { group in
            for number in 0..<700 {
                group.addTask {
                    await turnstile.enter()
                    await crowd.enter(number)
                    await Task.yield()
                    await crowd.leave()
                    turnstile.leave()
                }
            }
        }
        #expect(await crowd.most <= 3)
        #expect(await Set(crowd.entered) == Set(0..<700))
        await turnstile.enter()
        turnstile.leave()
    }

    @Test func `who came first gets in first`() async {
        let turnstile = Turnstile(places: 1)
        let crowd = Crowd()
        await turnstile.enter()
        let tasks = (0..<5).map { number in
            Task.immediate {
                await turnstile.enter()
                await crowd.enter(number)
                turnstile.leave()
            }
        }
        #expect(await crowd.entered.isEmpty)
        turnstile.leave()
        for task in tasks { await task.value }
        #expect(await crowd.entered == [0, 1, 2, 3, 4])
    }

    @Test func `what is done apart gives its place back, also when it fails`() async throws {
        let turnstile = Turnstile(places: 1)
        struct Refused: Error {}
        for _ in 0..<3 {
            await #expect(throws: Refused.self) {
                _ = try await apart(turnstile) { () -> Int in throw Refused() }
            }
        }
        #expect(try await apart(turnstile) { 7 } == 7)
    }
}
