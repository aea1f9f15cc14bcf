import CLibuv
import Glibc
import PeerState

/// Reads or writes a file or device that cannot be polled, on libuv's file threads.
///
/// One request at a time; the position is the descriptor's own, so that appending appends.
/// - Isolation: loop thread only. A request keeps the stream alive until it has ended.
final class FileStream {
    var onBytes: (([UInt8]) -> Void)?
    var onEnd: (() -> Void)?
    var onDrain: (() -> Void)?
    var onClose: ((NetFailure?) -> Void)?

    private let loop: EventLoop
    private let descriptor: Int32
    private let request = UnsafeMutablePointer<uv_fs_t>.allocate(capacity: 1)
    private let chunk = UnsafeMutableRawBufferPointer.allocate(
        byteCount: Limits.readChunk, alignment: 16)
    private var queue: [UInt8] = []
    private var queueTaken = 0
    private var isBusy = false
    private var isReading = false
    private var isFinishing = false
    private var isClosed = false
    private var reason: NetFailure?
    private var wantsDrain = false

    /// Takes over `descriptor`.
    init(_ descriptor: Int32, _ loop: EventLoop) {
        self.descriptor = descriptor
        self.loop = loop
    }

    deinit {
        request.deallocate()
        chunk.deallocate()
        Glibc.close(descriptor)
    }

    var queuedBytes: Int { queue.count - queueTaken }

    func resumeReading() {
        guard !isReading, !isClosed else { return }
        isReading = true
        readNext()
    }

    func pauseReading() { isReading = false }

    func write(_ bytes: [UInt8]) {
        guard !isClosed, !isFinishing else { return }
        queue.append(contentsOf: bytes)
        if queuedBytes > Limits.linkLowWater { wantsDrain = true }
        writeNext()
    }

    func finish() {
        isFinishing = true
        if queuedBytes == 0 { close() }
    }

    func close(_ reason: NetFailure? = nil) {
        guard !isClosed else { return }
        isClosed = true
        isReading = false
        self.reason = reason
        if !isBusy { ended() }
    }

    private func ended() {
        let closed = onClose
        onBytes = nil
        onEnd = nil
        onDrain = nil
        onClose = nil
        closed?(reason)
    }

    private func readNext() {
        guard isReading, !isBusy, isLoopOpen() else { return }
        var buffer = uv_buf_init(
            chunk.baseAddress?.assumingMemoryBound(to: CChar.self), UInt32(chunk.count))
        begin(uv_fs_read(loop.state.uv, request, descriptor, &buffer, 1, -1, Self.didRead))
    }

    private func writeNext() {
        guard !isBusy, !isClosed, queuedBytes > 0, isLoopOpen() else { return }
        let count = min(queuedBytes, chunk.count)
        chunk.copyBytes(from: queue[queueTaken..<queueTaken + count])
        var buffer = uv_buf_init(
            chunk.baseAddress?.assumingMemoryBound(to: CChar.self), UInt32(count))
        begin(uv_fs_write(loop.state.uv, request, descriptor, &buffer, 1, -1, Self.didWrite))
    }

    /// libuv does not know this stream, so a loop that stops is noticed here.
    private func isLoopOpen() -> Bool {
        guard loop.state.isStopping else { return true }
        close(NetFailure(.shuttingDown, "the event loop stops"))
        return false
    }

    /// Marks the request as under way; libuv refuses one only for arguments of ours.
    private func begin(_ result: Int32) {
        check(result)
        isBusy = true
        request.pointee.data = Unmanaged.passRetained(self).toOpaque()
    }

    private static func end(_ request: UnsafeMutablePointer<uv_fs_t>?) -> (FileStream, Int)? {
        guard let request, let data = request.pointee.data else { return nil }
        let result = request.pointee.result
        uv_fs_req_cleanup(request)
        let owner = Unmanaged<FileStream>.fromOpaque(data).takeRetainedValue()
        owner.isBusy = false
        if owner.isClosed {
            owner.ended()
            return nil
        }
        return (owner, result)
    }

    private static let didRead: uv_fs_cb = { request in
        guard let (owner, result) = end(request) else { return }
        if result > 0 {
            owner.onBytes?([UInt8](owner.chunk[..<result]))
            owner.readNext()
        } else if result == 0 {
            owner.isReading = false
            owner.onEnd?()
        } else {
            owner.close(NetFailure(.linkClosed, libuvText(Int32(result))))
        }
    }

    private static let didWrite: uv_fs_cb = { request in
        guard let (owner, result) = end(request) else { return }
        if result < 0 { return owner.close(NetFailure(.linkClosed, libuvText(Int32(result)))) }
        owner.wrote(result)
    }

    private func wrote(_ count: Int) {
        queueTaken += count
        if queuedBytes == 0 {
            queue.removeAll(keepingCapacity: queue.capacity <= Limits.writeChunk)
            queueTaken = 0
            if isFinishing { return close() }
        }
        writeNext()
        guard wantsDrain, queuedBytes <= Limits.linkLowWater else { return }
        wantsDrain = false
        onDrain?()
    }
}
