import Foundation
import PeerNet
import PeerState
import Testing

@Suite struct StdioPipeTests {
    /// Copies everything from `input` to `output` until the end, then finishes.
    private static func copy(
        from input: Int32, to output: Int32
    ) async throws -> (count: Int, failure: NetFailure?) {
        try await withLoop { loop in
            let tester = LoopTester(loop)
            return try await tester.wait { tester, resume in
                let pipe = try StdioPipe(tester.loop, input: input, output: output)
                tester.keep(pipe)
                pipe.onBytes = { [weak pipe] bytes in
                    tester.assumeIsolated { $0.count += bytes.count }
                    pipe?.write(bytes)
                }
                pipe.onEnd = { [weak pipe] in pipe?.finish() }
                pipe.onClose = { failure in
                    resume((tester.assumeIsolated { $0.count }, failure))
                }
                pipe.resumeReading()
            }
        }
    }

    private static func pipe() -> (read: Int32, write: Int32) {
        var ends: [Int32] = [0, 0]
        #expect(Glibc.pipe(&ends) == 0)
        return (ends[0], ends[1])
    }

    /// Blocking calls must not hold a thread of the pool that the tests share.
    private static func onThread<Value: Sendable>(
        _ body: @escaping @Sendable () -> Value
    ) async -> Value {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: body()) }
        }
    }

    private static func temporary(_ content: [UInt8]) throws -> (path: String, file: Int32) {
        let path = FileManager.default.temporaryDirectory.appending(
            path: "stdio-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
        ).path()
        try Data(content).write(to: URL(filePath: path))
        return (path, open(path, O_RDWR))
    }

    private static let content = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 2) }

    @Test func `from a pipe to a pipe`() async throws {
        let input = Self.pipe()
        let output = Self.pipe()
        async let received = Self.onThread {
            FileHandle(fileDescriptor: output.read).readDataToEndOfFile()
        }
        async let written: Void = Self.onThread {
            FileHandle(fileDescriptor: input.write).write(Data(Self.content))
            close(input.write)
        }
        let result = try await Self.copy(from: input.read, to: output.write)
        await written
        close(output.write)
        #expect(result.count == Self.content.count && result.failure == nil)
        #expect(await [UInt8](received) == Self.content)
        close(input.read)
        close(output.read)
    }

    @Test func `a shared pipe stays blocking for others`() async throws {
        let input = Self.pipe()
        let output = Self.pipe()
        close(input.write)
        _ = try await Self.copy(from: input.read, to: output.write)
        for end in [input.read, output.write] { #expect(fcntl(end, F_GETFL) & O_NONBLOCK == 0) }
        for end in [input.read, output.read, output.write] { close(end) }
    }

    @Test func `from a file to a file`() async throws {
        let input = try Self.temporary(Self.content)
        let output = try Self.temporary([])
        let result = try await Self.copy(from: input.file, to: output.file)
        #expect(result.count == Self.content.count && result.failure == nil)
        #expect(try [UInt8](Data(contentsOf: URL(filePath: output.path))) == Self.content)
        for (path, file) in [input, output] {
            close(file)
            unlink(path)
        }
    }

    @Test func `from and to the null device`() async throws {
        let null = open("/dev/null", O_RDWR)
        let result = try await Self.copy(from: null, to: null)
        #expect(result.count == 0 && result.failure == nil)
        let input = try Self.temporary(Self.content)
        #expect(try await Self.copy(from: input.file, to: null).count == Self.content.count)
        close(input.file)
        unlink(input.path)
        close(null)
    }

    @Test func `descriptors that were closed before count as ended`() async throws {
        #expect(try await Self.copy(from: 1_000_000, to: 1_000_000).failure == nil)
    }

    @Test func `a reader that goes away is an error, not a signal`() async throws {
        let input = Self.pipe()
        let output = Self.pipe()
        close(output.read)
        _ = Self.content.prefix(10_000).withUnsafeBytes {
            write(input.write, $0.baseAddress, 10_000)
        }
        let result = try await Self.copy(from: input.read, to: output.write)
        #expect(result.failure?.code == .linkClosed)
        for end in [input.read, input.write, output.write] { close(end) }
    }

    @Test func `no copy of the output stays open`() async throws {
        let input = Self.pipe()
        let output = Self.pipe()
        close(input.write)
        _ = try await Self.copy(from: input.read, to: output.write)
        // A copy left open here would keep the reader waiting.
        close(output.write)
        #expect(FileHandle(fileDescriptor: output.read).readDataToEndOfFile().isEmpty)
        close(input.read)
        close(output.read)
    }
}
