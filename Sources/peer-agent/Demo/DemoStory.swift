import AgentServer
import Glibc
import PeerNet
import PeerState

/// What the demo shows, step by step; each step checks what it tells.
struct DemoStory {
    private static let missedCount = 20
    /// For two nodes on one machine to agree.
    private static let agreeTimeout = Milliseconds.seconds(60)

    private var narrator: Narrator
    private let alice: DemoPeer
    private let bob: DemoPeer
    /// Where Bob has read up to.
    private var bobsPlace = ""

    /// - Parameter folder: where both keep their files.
    init(in folder: String, isPlain: Bool) {
        narrator = Narrator(isPlain: isPlain)
        alice = DemoPeer("Alice", in: folder)
        bob = DemoPeer("Bob", in: folder)
    }

    /// - Errors: `demoFailed` and those of the nodes; what they logged is then on standard error.
    mutating func tell() throws {
        defer {
            alice.kill()
            bob.kill()
        }
        do {
            try begin()
            try meet()
            try chat()
            try crash()
            try compare()
        } catch {
            Self.showLog(of: alice)
            Self.showLog(of: bob)
            throw error
        }
    }

    private mutating func begin() throws {
        try narrator.begin("Two nodes start, each a process with its own data directory.")
        for peer in [alice, bob] {
            try peer.start()
            try narrator.quote(peer.name, "is peer \(peer.id.prefix(16))…")
        }
    }

    private mutating func meet() throws {
        try narrator.begin("Alice makes a server and invites Bob; Bob accepts over TCP.")
        let server = try alice.call("create_server", ["name": "Demo"])
        try narrator.quote("Alice", "created the server Demo with the channel #general")
        let invite = try alice.call(
            "generate_invite", ["recipient_peer_id": .string(bob.id), "confirm": true])
        guard let code = invite["invite_code"]?.string else {
            throw CLIFailure(.demoFailed, "the invite has no code")
        }
        try narrator.quote("Alice", "made an invite that only Bob's key can use")
        bobsPlace = try Self.cursor(try bob.call("inbox", [:]))
        let joined = try bob.call("accept_invite", ["code": .string(code), "confirm": true])
        guard joined["server_id"] == server["server_id"] else {
            throw CLIFailure(.demoFailed, "Bob joined another server: \(joined.text)")
        }
        try narrator.quote("Bob", "accepted the invite")
    }

    private mutating func chat() throws {
        try narrator.begin("They chat; every message is signed, encrypted and on both disks.")
        let place = try Self.cursor(try alice.call("inbox", [:]))
        try post(alice, "Hello Bob, can you hear me?")
        let heard = try messages(of: bob, count: 1)
        try narrator.good("Bob's agent was woken: \(heard[0].quoted)")
        try post(bob, "Loud and clear. No server in between!")
        let answer = try alice.call(
            "wait_for_messages", ["after": .string(place), "timeout_s": 25])
        guard let text = answer["messages"]?.array?.first?["text"]?.string else {
            throw CLIFailure(.demoFailed, "Bob's answer did not reach Alice")
        }
        try narrator.good("Alice's agent was woken: \(text.quoted)")
    }

    private func post(_ peer: DemoPeer, _ text: String) throws {
        _ = try peer.call("send_message", ["channel": "#general", "body": .string(text)])
        try narrator.quote(peer.name, text)
    }

    private mutating func crash() throws {
        try narrator.begin("Bob's process is killed with SIGKILL while Alice goes on writing.")
        bob.kill()
        for number in 1...Self.missedCount {
            let text = "Message \(number) that Bob misses"
            _ = try alice.call("send_message", ["channel": "#general", "body": .string(text)])
        }
        try narrator.quote("Alice", "wrote \(Self.missedCount) messages")
        try bob.start()
        let missed = try messages(of: bob, count: Self.missedCount)
        try narrator.good("Bob is back and caught up on \(missed.count) messages")
    }

    /// Waits for Bob's next messages, in any order of arrival.
    private mutating func messages(of peer: DemoPeer, count: Int) throws -> [String] {
        var texts: [String] = []
        let deadline = SystemClock.now() + Self.agreeTimeout
        while texts.count < count {
            guard SystemClock.now() < deadline else {
                throw CLIFailure(
                    .timeout, "\(peer.name) has \(texts.count) of \(count) messages")
            }
            let news = try peer.call(
                "wait_for_messages", ["after": .string(bobsPlace), "timeout_s": 10])
            bobsPlace = try Self.cursor(news)
            texts += (news["messages"]?.array ?? []).compactMap { $0["text"]?.string }
        }
        return texts
    }

    private mutating func compare() throws {
        try narrator.begin("Both hold the same messages in the same order.")
        let mine = try ids(alice)
        let theirs = try ids(bob)
        guard mine == theirs, mine.count == Self.missedCount + 2 else {
            throw CLIFailure(
                .demoFailed, "Alice holds \(mine.count) messages, Bob \(theirs.count), not the same"
            )
        }
        try narrator.good("\(mine.count) messages on each side, equal ids")
    }

    private func ids(_ peer: DemoPeer) throws -> [String] {
        let page = try peer.call("read_channel", ["channel": "#general", "limit": 100])
        return (page["messages"]?.array ?? []).compactMap { $0["id"]?.string }
    }

    private static func cursor(_ result: JSON) throws(CLIFailure) -> String {
        guard let cursor = result["cursor"]?.string else {
            throw CLIFailure(.demoFailed, "a result has no cursor: \(result.text)")
        }
        return cursor
    }

    private static func showLog(of peer: DemoPeer) {
        guard let file = fopen(peer.log, "r") else { return }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 1_024)
        while fgets(&line, Int32(line.count), file) != nil {
            let bytes = line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            let text = String(decoding: bytes, as: UTF8.self)
            Log.standardError("\(peer.name): " + text.filter { $0 != "\n" }.printable)
        }
    }
}
