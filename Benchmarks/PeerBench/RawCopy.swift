import Foundation
import PeerNet
import PeerState

/// What an encrypted link carries when nothing is asked, checked or kept: a file read in pieces,
/// sent as frames through one session over loopback, and written down.
actor RawCopy: LoopActor {
    nonisolated let loop: EventLoop
    private var session: Session
    private var link: TCPLink?
    private var listener: TCPListener?
    private var dial: Dial?
    private let file: FileHandle
    private let total: Int
    private var moved = 0
    private var isOpen = false
    private var ended: CheckedContinuation<Void, Never>?

    private static let ahead = 1 << 20

    private init(_ role: Session.Role, _ file: FileHandle, total: Int, on loop: EventLoop) {
        self.loop = loop
        self.file = file
        self.total = total
        var entropy = Entropy.system
        session = Session(
            role: role, identity: SigningKey(seed: entropy.bytes(32)),
            staticKey: ExchangeKey.generate(&entropy), network: "bench",
            incarnation: entropy.bytes(16), features: 0, listenPort: 0, entropy: entropy,
            now: SystemClock.now())
    }

    /// Time from the first frame to the last written byte.
    static func time(
        from source: String, to target: String
    ) async throws -> Stopwatch.Reading {
        let loops = [EventLoop(), EventLoop()]
        for loop in loops { loop.start() }
        let input = try FileHandle(forReadingFrom: URL(fileURLWithPath: source))
        let output = try FileHandle(forWritingTo: URL(fileURLWithPath: target))
        let total = Int(try input.seekToEnd())
        try input.seek(toOffset: 0)
        let receiver = RawCopy(.listener, output, total: total, on: loops[0])
        let sender = RawCopy(.dialler(expected: nil), input, total: total, on: loops[1])
        let address = try await receiver.listen()
        let watch = Stopwatch()
        try await sender.connect(to: address)
        await receiver.finished()
        let time = watch.read()
        await sender.close()
        await receiver.close()
        for loop in loops { loop.stop() }
        return time
    }

    private func listen() throws -> Address {
        let listener = try TCPListener(loop, at: Address(host: "127.0.0.1", port: 0)) { link in
            self.adopt(link)
        }
        self.listener = listener
        return listener.address
    }

    private func connect(to address: Address) throws {
        dial = try TCPLink.dial(address, on: loop) { result in
            if case .success(let link) = result { self.adopt(link) }
        }
    }

    private func adopt(_ link: TCPLink) {
        self.link = link
        link.onBytes = { self.perform(self.session.handle(.bytes($0), now: self.loop.now)) }
        link.onDrain = { self.pump() }
        link.resumeReading()
        perform(session.handle(.start, now: loop.now))
    }

    private func perform(_ effects: [Session.Effect]) {
        for effect in effects {
            switch effect {
            case .write(let bytes): link?.write(bytes)
            case .established:
                isOpen = true
                if case .dialler = session.role { pump() }
            case .frame(let frame): take(frame)
            case .flooded, .wake, .close: break
            }
        }
    }

    private func pump() {
        guard isOpen, let link else { return }
        while moved < total, link.queuedBytes < Self.ahead {
            let piece = Array((try? file.read(upToCount: Limits.blobPiece)) ?? Data())
            let message = BlobMessage.data(
                id: 1, offset: UInt64(moved), piece, total: UInt64(total))
            moved += piece.count
            perform(session.handle(.send(frame: SyncMessage.blob(message).bytes), now: loop.now))
        }
    }

    private func take(_ frame: [UInt8]) {
        guard case .blob(.data(_, _, let bytes, _))? = try? SyncMessage(decoding: frame) else {
            return
        }
        try? file.write(contentsOf: Data(bytes))
        moved += bytes.count
        guard moved == total else { return }
        ended?.resume()
        ended = nil
    }

    private func finished() async {
        guard moved < total else { return }
        await withCheckedContinuation { ended = $0 }
    }

    private func close() {
        link?.onBytes = nil
        link?.onDrain = nil
        link?.close()
        listener?.close()
    }
}
