import Foundation
import PeerNet
import PeerState
import Testing

@Suite struct NoiseProbeTests {
    @Test func `two probes agree on the hash`() async throws {
        let (ports, continuation) = AsyncStream.makeStream(of: UInt16.self)
        async let answer = NoiseProbe.run(role: .responder, port: 0) { line in
            if line.hasPrefix("port "), let port = UInt16(line.dropFirst(5)) {
                continuation.yield(port)
            }
        }
        var first = ports.makeAsyncIterator()
        let port = try #require(await first.next())
        let hash = try await NoiseProbe.run(role: .initiator, port: port) { _ in }
        #expect(try await answer == hash)
    }

    @Test func `a probe without a partner fails`() async throws {
        await #expect(throws: NetFailure.self) {
            _ = try await NoiseProbe.run(role: .initiator, port: 1) { _ in }
        }
    }

    /// Needs a Python with the package `noiseprotocol`, named by `PEER_NOISE_PYTHON`.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["PEER_NOISE_PYTHON"] != nil))
    func `another implementation answers and asks`() async throws {
        let (ports, continuation) = AsyncStream.makeStream(of: UInt16.self)
        async let answer = NoiseProbe.run(role: .responder, port: 0) { line in
            if line.hasPrefix("port "), let port = UInt16(line.dropFirst(5)) {
                continuation.yield(port)
            }
        }
        var first = ports.makeAsyncIterator()
        let port = try #require(await first.next())
        let asking = try Client(role: "initiator", port: port)
        let hashOfAnswer = try await answer
        #expect(await asking.line() == "hash \(hashOfAnswer.hex)")

        let answering = try Client(role: "responder", port: 0)
        let announced = try #require(await answering.line())
        let other = try #require(UInt16(announced.dropFirst(5)))
        let hash = try await NoiseProbe.run(role: .initiator, port: other) { _ in }
        #expect(await answering.line() == "hash \(hash.hex)")
    }

    /// The Python side, as a process whose output is read by line.
    private final class Client {
        private let process = Process()
        private let output = Pipe()

        init(role: String, port: UInt16) throws {
            var folder = URL(filePath: #filePath)
            for _ in 0..<3 { folder.deleteLastPathComponent() }
            let python = ProcessInfo.processInfo.environment["PEER_NOISE_PYTHON"] ?? ""
            process.executableURL = URL(filePath: python)
            process.arguments = [
                folder.appending(path: "Clients/noise_live.py").path(),
                "--role", role, "--port", "\(port)",
            ]
            process.standardOutput = output
            try process.run()
        }

        deinit { if process.isRunning { process.terminate() } }

        /// The next line; `nil` at the end. Reads on a thread of its own, for reading blocks.
        func line() async -> String? {
            let descriptor = output.fileHandleForReading.fileDescriptor
            return await withCheckedContinuation { continuation in
                Thread.detachNewThread {
                    var line: [UInt8] = []
                    var byte: UInt8 = 0
                    while read(descriptor, &byte, 1) == 1, byte != 10 { line.append(byte) }
                    let text = String(decoding: line, as: UTF8.self)
                    continuation.resume(returning: line.isEmpty ? nil : text)
                }
            }
        }
    }
}
