import AgentServer
import Glibc
import PeerNet
import PeerNode
import PeerState

/// Posts one message.
struct SendCommand: Command {
    static let name = "send"
    static let summary = "Posts a message or a file, from the command line or standard input."
    static let synopsis = "CHANNEL [TEXT]"
    static let flags: [Flag] = [
        .dataDirectory, .config, .replyTo, .clientMessageID, .sentFile, .waitForPeer, .confirm,
        .json,
    ]
    static let maximumWords = 2

    /// Bytes of a message that are read from standard input.
    private static let bytesMax = 1 << 20
    private static let lookEvery: Int32 = 100

    private let dataDirectory: String
    private let access: NodeAccess
    private let channel: String
    private let text: String?
    /// A file to post, with the text as its caption.
    private let file: String?
    private let parent: String?
    private let ownID: String?
    private let isConfirmed: Bool
    private let patience: Milliseconds?
    private let isJSON: Bool

    init(_ arguments: Arguments) throws(CLIFailure) {
        let path = try arguments.dataDirectoryPath()
        guard let channel = arguments.words.first else {
            throw CLIFailure(.usage, "send needs a channel: peer-agent send '#general' 'Hello'")
        }
        dataDirectory = path
        access = try NodeAccess(try arguments.withConfiguration(path), path: path)
        self.channel = channel
        text = arguments.words.count == 2 ? arguments.words[1] : nil
        parent = arguments[.replyTo]
        ownID = arguments[.clientMessageID]
        file = try arguments[.sentFile].map { path throws(CLIFailure) in try Paths.absolute(path) }
        guard file == nil || ownID == nil else {
            throw CLIFailure(.usage, "--client-msg-id is for messages without --file")
        }
        isConfirmed = arguments.contains(.confirm)
        patience = try arguments.seconds(.waitForPeer, in: 0...86_400).map { .seconds($0) }
        isJSON = arguments.contains(.json)
    }

    func run() async throws {
        let body = try text ?? (file == nil ? Self.standardInput() : "")
        guard !body.isEmpty || file != nil else {
            throw CLIFailure(.usage, "the message is empty")
        }
        try await access.run { client in
            let result = try post(body, client)
            try Output.line(isJSON ? result.text : result["message_id"]?.string ?? "")
            if let patience { try waitForPeer(client, result, patience) }
        }
    }

    private func post(_ body: String, _ client: NodeClient) throws(CLIFailure) -> JSON {
        do throws(CLIFailure) {
            if let file { return try post(file: file, body) }
            return try client.call(parent == nil ? "send_message" : "send_reply", call(body))
        } catch {
            guard error.code == .consentNeeded else { throw error }
            throw CLIFailure(.consentNeeded, "\(error.detail) Here: add --confirm.")
        }
    }

    private func post(file path: String, _ caption: String) throws(CLIFailure) -> JSON {
        var post: JSONObject = ["channel": .string(channel), "caption": .string(caption)]
        if let parent { post.append("reply_to", .string(parent)) }
        if isConfirmed { post.append("confirm", true) }
        var file = try Handover(of: path, post: post)
        var transfer = Transfer(
            dataDirectory: dataDirectory, label: "command line", isShown: false)
        return try file.run(&transfer)
    }

    private func call(_ body: String) -> JSONObject {
        var call: JSONObject = ["channel": .string(channel), "body": .string(body)]
        if let parent { call.append("parent_id", .string(parent)) }
        if let ownID { call.append("client_msg_id", .string(ownID)) }
        if isConfirmed { call.append("confirm", true) }
        return call
    }

    /// Without the line break at its end.
    private static func standardInput() throws(CLIFailure) -> String {
        var reader = LineReader(STDIN_FILENO)
        var bytes: [UInt8] = []
        while !reader.isAtEnd {
            try reader.fill()
            while let line = reader.line() { bytes += line + [0x0A] }
            guard bytes.count <= bytesMax else {
                throw CLIFailure(.usage, "standard input has over 1 MiB; a message has 16 KiB")
            }
        }
        bytes += reader.rest()
        if bytes.last == 0x0A { bytes.removeLast() }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CLIFailure(.usage, "standard input is not UTF-8")
        }
        return text
    }

    /// A message that was handed to nobody stays queued; here that is waited for.
    private func waitForPeer(
        _ client: NodeClient, _ result: JSON, _ patience: Milliseconds
    ) throws(CLIFailure) {
        if (result["reached"]?.integer ?? 0) > 0 { return }
        let deadline = SystemClock.now() + patience
        repeat {
            let connection = try client.read("peer://connection")
            let waiting = connection["queue"]?["events"]?.integer ?? 0
            if connection["connected"]?.bool == true && waiting == 0 { return }
            poll(nil, 0, Self.lookEvery)
        } while SystemClock.now() < deadline
        throw CLIFailure(
            .timeout, "no peer took the message yet; it is kept and goes out at the next contact")
    }
}

extension Arguments {
    /// A whole number of seconds.
    func seconds(
        _ flag: Flag, in range: ClosedRange<UInt64>
    ) throws(CLIFailure) -> UInt64? {
        guard let text = self[flag] else { return nil }
        guard let number = UInt64(text), range.contains(number) else {
            throw CLIFailure(
                .usage,
                "\(flag.spelled) is \(text.quoted); it can be \(range.lowerBound) to "
                    + "\(range.upperBound)")
        }
        return number
    }
}
