import CLibuv
import PeerState

/// What every connected stream does: read with back-pressure, write through a counted queue, close
/// once.
///
/// Reading begins with `resumeReading`, so that the owner can set its callbacks first. What is
/// written during one turn of the loop leaves in one system call.
/// - Isolation: loop thread only; callbacks too. They are dropped after `onClose`.
package class ByteStream: Handle {
    /// At most `Limits.readChunk` bytes each time, never none.
    package var onBytes: (([UInt8]) -> Void)?
    /// The other side will send nothing more. Without this callback the stream closes itself.
    package var onEnd: (() -> Void)?
    /// The queue was above `lowWater` and has fallen to it.
    package var onDrain: (() -> Void)?
    package var lowWater = Limits.linkLowWater
    /// Exactly once, when nothing of the stream is left; `nil` after an orderly `close`.
    package var onClose: ((NetFailure?) -> Void)?

    private var queue: [UInt8] = []
    /// How much of `queue` the kernel or `inFlight` has already.
    private var queueTaken = 0
    private var inFlight = 0
    private var isUnflushed = false
    private var wantsDrain = false
    private var isReading = false
    private var reason: NetFailure?
    /// No more writes are accepted; the stream closes when the queue is empty.
    private(set) var isFinishing = false
    /// Whether the other side was told anything.
    private(set) var hasWritten = false
    /// Bytes that came after that.
    private var discarded = 0

    private var stream: UnsafeMutablePointer<uv_stream_t> { pointer(uv_stream_t.self) }

    /// Bytes accepted by `write` that the kernel has not taken.
    package var queuedBytes: Int { queue.count - queueTaken + inFlight }

    // Reading

    package func resumeReading() {
        guard !isClosing, !isReading else { return }
        isReading = true
        let result = uv_read_start(
            stream,
            { handle, _, buffer in
                guard let slab = ByteStream.at(handle?.pointee.data)?.loop.state.slab else {
                    return
                }
                buffer?.pointee = uv_buf_init(slab.baseAddress, UInt32(slab.count))
            },
            { handle, count, buffer in
                ByteStream.at(handle?.pointee.data)?.received(count, buffer?.pointee.base)
            })
        if result != 0 { close(NetFailure(.linkClosed, libuvText(result))) }
    }

    /// Leaves further bytes in the kernel, so that the sender has to wait.
    package func pauseReading() {
        guard !isClosing, isReading else { return }
        isReading = false
        uv_read_stop(stream)  // Always 0.
    }

    private static func at(_ data: UnsafeMutableRawPointer?) -> ByteStream? {
        data.map { Unmanaged<ByteStream>.fromOpaque($0).takeUnretainedValue() }
    }

    private func received(_ count: Int, _ base: UnsafeMutablePointer<CChar>?) {
        if count > 0, let base {
            let bytes = UnsafeRawBufferPointer(start: base, count: count)
            if isFinishing { discard(count) } else { onBytes?([UInt8](bytes)) }
        } else if count == Int(UV_EOF.rawValue) {
            isReading = false
            uv_read_stop(stream)
            if isFinishing {
                // What is queued still leaves; `didFlush` closes after it.
                if queuedBytes == 0 { close() }
            } else if let onEnd {
                onEnd()
            } else {
                close()
            }
        } else if count < 0 {
            close(NetFailure(.linkClosed, libuvText(Int32(count))))
        }
    }

    /// Reads past what nobody asked for any more. Beyond the bound a sender has to wait until
    /// what is queued has left, and then the stream ends.
    private func discard(_ count: Int) {
        discarded += count
        guard discarded > Limits.lingerBytes else { return }
        if queuedBytes == 0 { close() } else { pauseReading() }
    }

    // Writing

    /// Takes `bytes` into the queue; ignored after `finish` or `close`.
    package func write(_ bytes: [UInt8]) {
        guard !isClosing, !isFinishing, !bytes.isEmpty else { return }
        hasWritten = true
        if queue.isEmpty { queue = bytes } else { queue.append(contentsOf: bytes) }
        if queuedBytes > lowWater { wantsDrain = true }
        guard !isUnflushed, inFlight == 0 else { return }
        isUnflushed = true
        loop.state.flushLater(self)
    }

    /// Gives the kernel what it takes at once and queues a chunk of the rest.
    func flush() {
        isUnflushed = false
        guard !isClosing, inFlight == 0 else { return }
        if queueTaken < queue.count {
            let result = queue.withUnsafeBytes { bytes in
                var buffer = Self.buffer(UnsafeRawBufferPointer(rebasing: bytes[queueTaken...]))
                return uv_try_write(stream, &buffer, 1)
            }
            if result >= 0 {
                queueTaken += Int(result)
            } else if result != UV_EAGAIN.rawValue {
                return close(NetFailure(.linkClosed, libuvText(result)))
            }
            if queueTaken < queue.count { writeChunk() }
        }
        compact()
        if queuedBytes == 0 && isFinishing { didFlush() }
        announceDrain()
    }

    private static func buffer(_ bytes: UnsafeRawBufferPointer) -> uv_buf_t {
        let base = UnsafeMutableRawPointer(mutating: bytes.baseAddress)
        return uv_buf_init(base?.assumingMemoryBound(to: CChar.self), UInt32(clamping: bytes.count))
    }

    /// One allocation holds the request and its copy of the bytes.
    private func writeChunk() {
        let count = min(queue.count - queueTaken, Limits.writeChunk)
        let head = MemoryLayout<uv_write_t>.stride
        let block = UnsafeMutableRawPointer.allocate(byteCount: head + count, alignment: 16)
        let content = UnsafeMutableRawBufferPointer(start: block + head, count: count)
        content.copyBytes(from: queue[queueTaken..<queueTaken + count])
        queueTaken += count
        inFlight = count
        let request = block.bindMemory(to: uv_write_t.self, capacity: 1)
        // The handle keeps its owner until after the last request has ended.
        request.pointee.data = Unmanaged.passUnretained(self).toOpaque()
        var buffer = Self.buffer(UnsafeRawBufferPointer(content))
        let result = uv_write(request, stream, &buffer, 1) { request, status in
            guard let request else { return }
            let owner = ByteStream.at(request.pointee.data)
            UnsafeMutableRawPointer(request).deallocate()
            owner?.wrote(status)
        }
        guard result != 0 else { return }
        block.deallocate()
        inFlight = 0
        close(NetFailure(.linkClosed, libuvText(result)))
    }

    private func wrote(_ status: Int32) {
        inFlight = 0
        if status == 0 { flush() } else { close(NetFailure(.linkClosed, libuvText(status))) }
    }

    private func compact() {
        if queueTaken == queue.count {
            queue.removeAll(keepingCapacity: queue.capacity <= Limits.writeChunk)
            queueTaken = 0
        } else if queueTaken > Limits.writeChunk && queueTaken > queue.count / 2 {
            queue.removeFirst(queueTaken)
            queueTaken = 0
        }
    }

    private func announceDrain() {
        guard wantsDrain, !isClosing, queuedBytes <= lowWater else { return }
        wantsDrain = false
        onDrain?()
    }

    // Ending

    /// Sends what is queued, then closes.
    package func finish() {
        guard !isClosing, !isFinishing else { return }
        isFinishing = true
        if queuedBytes == 0 { didFlush() }
    }

    /// The queue of a finishing stream is empty.
    func didFlush() { close() }

    /// Closes now; queued bytes are lost. The first reason is the one `onClose` reports.
    package func close(_ reason: NetFailure? = nil) {
        guard !isClosing else { return }
        self.reason = reason
        closeHandle()
    }

    override func stop() { close(NetFailure(.shuttingDown, "the event loop stops")) }

    override func didClose() {
        let closed = onClose
        onBytes = nil
        onEnd = nil
        onDrain = nil
        onClose = nil
        closed?(reason)
    }
}
