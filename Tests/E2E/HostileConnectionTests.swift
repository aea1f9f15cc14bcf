import Glibc
import PeerTesting
import Testing

/// Strangers on the port for peers, while two honest nodes go on chatting.
@Suite(.timeLimit(.minutes(3 * Patience.minutes)))
struct HostileConnectionTests {
    enum Attack: CaseIterable {
        case garbage, hugeLengthThenSilence, oneByteAtATime, halfOpen, many
    }

    @Test(arguments: Attack.allCases)
    func `honest nodes go on while strangers send nonsense`(_ attack: Attack) async throws {
        try await AgentClientBench.run { bench in
            let (alice, bob) = try await bench.pair()
            let port = try await alice.port
            var sockets: [Socket] = []
            defer { for socket in sockets { socket.close() } }
            let place = try await bob.place
            let texts = (1...30).map { "m\($0)" }
            async let sent = ProcessTests.post(texts, from: alice)
            sockets += try Self.begin(attack, port)
            _ = try await sent
            try await bob.waitForTexts(texts, after: place)

            let back = try await alice.place
            try await bob.post("still here")
            try await alice.waitForTexts(["still here"], after: back)
            #expect(try await alice.messageIDs() == (try await bob.messageIDs()))
            #expect(try await bench.stop(alice) == .exited(0))
        }
    }

    @Test func `a connection that says nothing useful is closed by the node`() async throws {
        try await AgentClientBench.run { bench in
            let alice = try await bench.start("alice")
            let port = try await alice.port
            let garbage = try Socket(port: port)
            defer { garbage.close() }
            try garbage.send([0, 4] + [1, 2, 3, 4] + [UInt8](repeating: 0xff, count: 4_000))
            #expect(await garbage.isClosedByPeer(within: 20))
            let silent = try Socket(port: port)
            defer { silent.close() }
            #expect(await silent.isClosedByPeer(within: 20))
            _ = try await alice.createServer()
        }
    }

    private static func begin(_ attack: Attack, _ port: UInt16) throws -> [Socket] {
        switch attack {
        case .garbage:
            var random = SystemRandomNumberGenerator()
            return try (0..<8).map { _ in
                let socket = try Socket(port: port)
                socket.trySend((0..<20_000).map { _ in UInt8.random(in: 0...255, using: &random) })
                return socket
            }
        case .hugeLengthThenSilence:
            return try (0..<8).map { _ in
                let socket = try Socket(port: port)
                socket.trySend([0xff, 0xff])
                return socket
            }
        case .oneByteAtATime:
            let socket = try Socket(port: port)
            for byte in [UInt8](repeating: 0x20, count: 300) { socket.trySend([byte]) }
            return [socket]
        case .halfOpen:
            return try (0..<16).map { _ in
                let socket = try Socket(port: port)
                socket.endSending()
                return socket
            }
        case .many:
            return try (0..<100).map { _ in try Socket(port: port) }
        }
    }
}

/// A TCP connection that breaks rules.
struct Socket: Sendable {
    private let descriptor: Int32

    init(port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw ChildProcess.Problem("connect: errno \(errno)") }
    }

    func send(_ bytes: [UInt8]) throws {
        guard Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) > 0 else {
            throw ChildProcess.Problem("send: errno \(errno)")
        }
    }

    /// The node may have closed already.
    func trySend(_ bytes: [UInt8]) {
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    func close() { Glibc.close(descriptor) }

    /// Reads until the other side ends the connection.
    func isClosedByPeer(within seconds: Int32) async -> Bool {
        var bytes = [UInt8](repeating: 0, count: 4_096)
        while true {
            var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&ready, 1, seconds * 1_000) > 0 else { return false }
            if recv(descriptor, &bytes, bytes.count, 0) <= 0 { return true }
        }
    }
}
