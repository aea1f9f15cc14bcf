import CLibuv
import Glibc
import PeerState

/// Watches for one signal of the process, such as Ctrl-C.
///
/// - Isolation: loop thread only; the callback too.
package final class Signal: Handle {
    package enum Kind: Sendable, CaseIterable {
        case interrupt, terminate, hangUp

        fileprivate var number: Int32 {
            switch self {
            case .interrupt: SIGINT
            case .terminate: SIGTERM
            case .hangUp: SIGHUP
            }
        }
    }

    private var onSignal: (() -> Void)?

    package init(
        _ loop: EventLoop, _ kind: Kind, onSignal: @escaping () -> Void
    ) throws(NetFailure) {
        self.onSignal = onSignal
        try super.init(loop, UV_SIGNAL) {
            uv_signal_init($0, $1.assumingMemoryBound(to: uv_signal_t.self))
        }
        check(
            uv_signal_start(
                pointer(uv_signal_t.self),
                { signal, _ in
                    guard let data = signal?.pointee.data else { return }
                    Unmanaged<Signal>.fromOpaque(data).takeUnretainedValue().onSignal?()
                }, kind.number))
    }

    /// Gives the signal back its usual effect.
    package func close() {
        onSignal = nil
        closeHandle()
    }

    override func didClose() { onSignal = nil }
}
