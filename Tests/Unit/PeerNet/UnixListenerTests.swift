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
