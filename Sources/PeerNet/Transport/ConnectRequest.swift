import CLibuv
import PeerState

/// A connect request; libuv keeps it until it has ended.
final class ConnectRequest {
    private let memory = UnsafeMutablePointer<uv_connect_t>.allocate(capacity: 1)
    private let completion: (NetFailure?) -> Void

    init(_ completion: @escaping (NetFailure?) -> Void) {
        self.completion = completion
    }

    deinit { memory.deallocate() }

    func start() -> UnsafeMutablePointer<uv_connect_t> {
        memory.pointee.data = Unmanaged.passRetained(self).toOpaque()
        return memory
    }

    func abandon() { Unmanaged.passUnretained(self).release() }

    static let ended: uv_connect_cb = { request, status in
        guard let data = request?.pointee.data else { return }
        let owner = Unmanaged<ConnectRequest>.fromOpaque(data).takeRetainedValue()
        owner.completion(status == 0 ? nil : NetFailure(.dialFailed, libuvText(status)))
    }
}
