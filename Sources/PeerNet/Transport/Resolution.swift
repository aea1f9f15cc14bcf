import CLibuv
import Glibc
import PeerState

/// One lookup of a name, which libuv does on a thread of its own.
///
/// - Isolation: loop thread only. The lookup keeps itself alive until it has answered.
final class Resolution {
    private let loop: EventLoop
    private let request: UnsafeMutablePointer<uv_getaddrinfo_t>
    private var completion: ((Result<[SocketAddress], NetFailure>) -> Void)?

    /// Answers exactly once and never before it returns, unless `cancel` comes first.
    /// - Shape: at most `Limits.dialAddresses`, in the order of the system's preference.
    init(
        _ loop: EventLoop, _ address: Address,
        completion: @escaping (Result<[SocketAddress], NetFailure>) -> Void
    ) throws(NetFailure) {
        self.loop = loop
        request = .allocate(capacity: 1)
        self.completion = completion
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        request.pointee.data = Unmanaged.passRetained(self).toOpaque()
        let result = uv_getaddrinfo(
            loop.state.uv, request,
            { request, status, found in
                defer { uv_freeaddrinfo(found) }
                guard let data = request?.pointee.data else { return }
                let owner = Unmanaged<Resolution>.fromOpaque(data).takeRetainedValue()
                owner.ended(status, found)
            }, address.host, String(address.port), &hints)
        guard result == 0 else {
            Unmanaged.passUnretained(self).release()
            throw NetFailure(.resolveFailed, libuvText(result))
        }
    }

    deinit { request.deallocate() }

    /// Forgets the answer; a lookup that has not begun is taken back.
    func cancel() {
        completion = nil
        request.withMemoryRebound(to: uv_req_t.self, capacity: 1) { _ = uv_cancel($0) }
    }

    private func ended(_ status: Int32, _ found: UnsafeMutablePointer<addrinfo>?) {
        guard let completion else { return }
        self.completion = nil
        var addresses: [SocketAddress] = []
        var next = found
        while let entry = next?.pointee, addresses.count < Limits.dialAddresses {
            if let number = entry.ai_addr.flatMap({
                SocketAddress($0, length: Int(entry.ai_addrlen))
            }) {
                addresses.append(number)
            }
            next = entry.ai_next
        }
        let problem = status == 0 ? "the name has no address" : libuvText(status)
        completion(
            addresses.isEmpty
                ? .failure(NetFailure(.resolveFailed, problem)) : .success(addresses))
    }
}
