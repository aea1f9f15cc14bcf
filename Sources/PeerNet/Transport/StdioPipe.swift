import CLibuv
import Glibc
import PeerState

/// Standard input and output as one stream, whatever they are: pipe, terminal, file or device.
///
/// The callbacks and rules are those of `ByteStream`. Both descriptors are duplicated, so the
/// caller keeps its own.
/// - Isolation: loop thread only; callbacks too.
package final class StdioPipe {
    package var onBytes: (([UInt8]) -> Void)?
    package var onEnd: (() -> Void)?
    package var onDrain: (() -> Void)?
    /// Exactly once, after output has been closed; `nil` after `finish` or `close`.
    package var onClose: ((NetFailure?) -> Void)?

    private let input: Channel
    private let output: Channel
    private var isClosed = false

    /// One direction; `none` is a descriptor that was closed before we came.
    private enum Channel {
        case stream(ByteStream)
        case file(FileStream)
        case none
    }

    /// - Errors: `noDescriptor` when the system refuses.
    package init(
        _ loop: EventLoop, input: Int32 = 0, output: Int32
    ) throws(NetFailure) {
        loop.checkIsolated()
        self.input = try Self.open(input, loop, O_RDONLY)
        do throws(NetFailure) {
            self.output = try Self.open(output, loop, O_WRONLY)
        } catch {
            Self.close(self.input)
            throw error
        }
        connectInput()
        connectOutput()
    }

    private static func open(
        _ descriptor: Int32, _ loop: EventLoop, _ mode: Int32
    ) throws(NetFailure) -> Channel {
        let kind = uv_guess_handle(descriptor)
        guard kind != UV_UNKNOWN_HANDLE else { return .none }
        let copy = try duplicate(descriptor, kind == UV_NAMED_PIPE, mode)
        return switch kind {
        case UV_TTY: .stream(try PipeStream(terminal: copy, loop))
        case UV_NAMED_PIPE, UV_TCP: .stream(try PipeStream(pipe: copy, loop))
        default: .file(FileStream(copy, loop))
        }
    }

    /// A pipe is opened anew where that works: non-blocking mode belongs to the open file, which
    /// other programs may share.
    private static func duplicate(
        _ descriptor: Int32, _ isPipe: Bool, _ mode: Int32
    ) throws(NetFailure) -> Int32 {
        if isPipe {
            let path = "/proc/self/fd/\(descriptor)"
            let own = Glibc.open(path, mode | O_NONBLOCK | O_CLOEXEC)
            if own >= 0 { return own }
        }
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw NetFailure(.noDescriptor, libuvText(-errno)) }
        return copy
    }

    private func connectInput() {
        switch input {
        case .stream(let stream):
            stream.onBytes = { [weak self] in self?.onBytes?($0) }
            stream.onEnd = { [weak self] in self?.inputEnded() }
            stream.onClose = { [weak self] failure in
                if failure != nil { self?.inputEnded() }
            }
        case .file(let file):
            file.onBytes = { [weak self] in self?.onBytes?($0) }
            file.onEnd = { [weak self] in self?.inputEnded() }
            file.onClose = { [weak self] failure in
                if failure != nil { self?.inputEnded() }
            }
        case .none: break
        }
    }

    private func connectOutput() {
        switch output {
        case .stream(let stream):
            stream.onDrain = { [weak self] in self?.onDrain?() }
            stream.onClose = { self.ended($0) }
        case .file(let file):
            file.onDrain = { [weak self] in self?.onDrain?() }
            file.onClose = { self.ended($0) }
        case .none: break
        }
    }

    private func inputEnded() {
        guard !isClosed else { return }
        let end = onEnd
        onEnd = nil
        end?()
    }

    private func ended(_ failure: NetFailure?) {
        isClosed = true
        Self.close(input)
        let closed = onClose
        onBytes = nil
        onEnd = nil
        onDrain = nil
        onClose = nil
        closed?(failure)
    }

    package func resumeReading() {
        switch input {
        case .stream(let stream): stream.resumeReading()
        case .file(let file): file.resumeReading()
        case .none: inputEnded()
        }
    }

    package func pauseReading() {
        switch input {
        case .stream(let stream): stream.pauseReading()
        case .file(let file): file.pauseReading()
        case .none: break
        }
    }

    package func write(_ bytes: [UInt8]) {
        switch output {
        case .stream(let stream): stream.write(bytes)
        case .file(let file): file.write(bytes)
        case .none: break
        }
    }

    /// Bytes accepted by `write` that the system has not taken.
    package var queuedBytes: Int {
        switch output {
        case .stream(let stream): stream.queuedBytes
        case .file(let file): file.queuedBytes
        case .none: 0
        }
    }

    /// Writes what is queued, then closes both directions.
    package func finish() {
        switch output {
        case .stream(let stream): stream.finish()
        case .file(let file): file.finish()
        case .none: ended(nil)
        }
    }

    /// Closes both directions now.
    package func close() {
        Self.close(output)
        if case .none = output, !isClosed { ended(nil) }
    }

    private static func close(_ channel: Channel) {
        switch channel {
        case .stream(let stream): stream.close()
        case .file(let file): file.close()
        case .none: break
        }
    }
}
