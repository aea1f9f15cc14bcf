import Foundation
import PeerNet
import PeerState
import Testing

@Suite struct UnixListenerTests {
    private static func path() -> String {
        FileManager.default.temporaryDirectory.appending(
            path: "unix-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
        ).path()
    }

    @Test func `an echo over a socket of the file system`() async throws {
        let path = Self.path()
        try await withLoop { loop in
            let tester = LoopTester(loop)
            let answer: [UInt8] = try await tester.wait { tester, resume in
                let listener = try UnixListener(tester.loop, at: path) { stream in
                    stream.onBytes = { [weak stream] in stream?.write($0) }
                    stream.resumeReading()
                }
                tester.keep(listener)
                try UnixListener.dial(path, on: tester.loop) { result in
                    guard case .success(let stream) = result else { return resume([]) }
                    stream.onBytes = { [weak stream] in
                        stream?.close()
                        resume($0)
                    }
                    stream.resumeReading()
                    stream.write([1, 2, 3])
                }
            }
            #expect(answer == [1, 2, 3])
            var status = stat()
            #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
        }
        #expect(access(path, F_OK) != 0)
    }

    @Test func `who ends its input and reads late gets everything`() async throws {
        let path = Self.path()
        let total = 2 << 20
        let received = try await withLoop { loop in
            let tester = LoopTester(loop)
            try await tester.run { tester in
                let listener = try UnixListener(tester.loop, at: path) { stream in
                    stream.onEnd = { [weak stream] in
                        stream?.write([UInt8](repeating: 7, count: total))
                        stream?.finish()
                    }
                    // The end of the input is met a second time, while the rest still leaves.
                    stream.onDrain = { [weak stream] in stream?.resumeReading() }
                    stream.resumeReading()
                }
                tester.keep(listener)
            }
            return await withCheckedContinuation { continuation in
                Thread.detachNewThread { continuation.resume(returning: Self.endAndRead(path)) }
            }
        }
        #expect(received == total)
    }

    /// Connects, says that nothing comes, and counts what does.
    private static func endAndRead(_ path: String) -> Int {
        let file = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(file) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(file, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0, shutdown(file, Int32(SHUT_WR)) == 0 else { return -1 }
        var total = 0
        var part = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(file, &part, part.count)
            guard count > 0 else { return total }
            total += count
        }
    }

    @Test func `a socket that was left is replaced, a file is not`() async throws {
        let path = Self.path()
        try await withLoop { loop in
            let tester = LoopTester(loop)
            try await tester.run { tester in
                for _ in 0..<2 { tester.keep(try UnixListener(tester.loop, at: path) { _ in }) }
            }
        }
        try Data([1]).write(to: URL(filePath: path))
        await withLoop { loop in
            let tester = LoopTester(loop)
            await tester.run { tester in
                let failure = #expect(throws: NetFailure.self) {
                    try UnixListener(tester.loop, at: path) { _ in }
                }
                #expect(failure?.code == .listenFailed)
                #expect(throws: NetFailure.self) {
                    try UnixListener(tester.loop, at: String(repeating: "a", count: 108)) { _ in }
                }
            }
        }
        unlink(path)
    }

    @Test func `nobody listens`() async throws {
        try await withLoop { loop in
            let tester = LoopTester(loop)
            let code: NetCode? = try await tester.wait { tester, resume in
                try UnixListener.dial(Self.path(), on: tester.loop) { result in
                    guard case .failure(let failure) = result else { return resume(nil) }
                    resume(failure.code)
                }
            }
            #expect(code == .dialFailed)
        }
    }
}
