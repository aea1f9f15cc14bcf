import PeerNet
import PeerState
import Testing

/// A wait with the loop's preference ends on the loop, without a thread of the pool between.
@Suite struct LoopPreferenceTests {
    @concurrent
    private static func isOn(_ loop: EventLoop) async -> Bool { loop.isCurrent }

    @Test func `who goes on after a wait is on the loop's thread`() async {
        await withLoop { loop in
            #expect(await Self.isOn(loop) == false)
            let isThere = await withTaskExecutorPreference(loop) {
                await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                    loop.perform { continuation.resume() }
                }
                return await Self.isOn(loop)
            }
            #expect(isThere)
            #expect(await Self.isOn(loop) == false)
        }
    }
}
