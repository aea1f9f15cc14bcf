import PeerState

/// One attempt to reach an address: lookup, then each number in turn, within one timeout.
///
/// - Isolation: loop thread only. Keeps itself alive until it has answered or was cancelled.
package final class Dial {
    private let loop: EventLoop
    private var completion: ((Result<TCPLink, NetFailure>) -> Void)?
    private var resolution: Resolution?
    private var candidates: [SocketAddress] = []
    private var link: TCPLink?
    private var timer: Timer?
    private var problem = NetFailure(.timeout, "no answer in time")

    init(
        _ address: Address, on loop: EventLoop, timeout: Milliseconds,
        completion: @escaping (Result<TCPLink, NetFailure>) -> Void
    ) throws(NetFailure) {
        self.loop = loop
        self.completion = completion
        // The open timer keeps this object, until `finish` closes it.
        let timer = try Timer(loop) { self.finish(.failure(self.problem)) }
        self.timer = timer
        timer.arm(at: loop.now + timeout)
        if let number = SocketAddress(address) {
            candidates = [number]
            tryNext()
        } else {
            do {
                resolution = try Resolution(loop, address) { self.resolved($0) }
            } catch {
                timer.close()
                throw error
            }
        }
    }

    /// Gives up without an answer.
    package func cancel() {
        completion = nil
        finish(.failure(NetFailure(.cancelled)))
    }

    private func resolved(_ result: Result<[SocketAddress], NetFailure>) {
        resolution = nil
        switch result {
        case .success(let found):
            candidates = found
            tryNext()
        case .failure(let failure): failLater(failure)
        }
    }

    private func tryNext() {
        guard !candidates.isEmpty else { return failLater(problem) }
        let next = candidates.removeFirst()
        do throws(NetFailure) {
            let link = try TCPLink(loop)
            self.link = link
            link.connect(to: next) { self.connected(link, $0) }
        } catch {
            failLater(error)
        }
    }

    private func connected(_ link: TCPLink, _ failure: NetFailure?) {
        guard link === self.link else { return }
        self.link = nil
        guard let failure else {
            link.didConnect()
            return finish(.success(link))
        }
        link.close()
        problem = failure
        tryNext()
    }

    /// The answer never comes from inside the call that asks; a stopping loop has no later.
    private func failLater(_ failure: NetFailure) {
        problem = failure
        guard let timer, !timer.isClosing else { return finish(.failure(failure)) }
        timer.arm(at: loop.now)
    }

    private func finish(_ result: Result<TCPLink, NetFailure>) {
        timer?.close()
        timer = nil
        resolution?.cancel()
        resolution = nil
        let unfinished = link
        link = nil
        unfinished?.close()
        let completion = completion
        self.completion = nil
        completion?(result)
    }
}
