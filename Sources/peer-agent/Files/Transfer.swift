import AgentServer
import Glibc
import PeerNet
import PeerNode
import PeerState

/// A file on its way between this terminal and the node: asks again while the node is away or
/// busy, and says how far it has come.
struct Transfer {
    /// Seconds without any progress after which it is given up.
    private static let patience = 120

    private let dataDirectory: String
    private let label: String
    private var client: NodeClient?
    private var node: LocalNode?
    private var shown = -1
    private let isShown: Bool

    init(dataDirectory: String, label: String, isShown: Bool) {
        self.dataDirectory = dataDirectory
        self.label = label
        self.isShown = isShown
    }

    /// Calls a tool until it answers; refusals that do not pass are the caller's.
    ///
    /// - Errors: `nodeUnreachable` when the node stays away.
    mutating func call(
        _ tool: String, _ arguments: JSONObject
    ) throws(CLIFailure) -> ToolAnswer {
        try persist { transfer throws(CLIFailure) in
            try transfer.connected().answer(of: tool, arguments)
        }
    }

    /// Bytes of a file from a place on: a part of it, or none at its end. Errors: as `call`.
    mutating func bytes(
        of file: FileID, at offset: Int
    ) throws(CLIFailure) -> NodeAnswer<[UInt8]> {
        try persist { transfer throws(CLIFailure) in
            try transfer.local().bytes(of: file, at: offset)
        }
    }

    /// Hands over bytes of an upload that was begun. Errors: as `call`.
    mutating func hand(
        _ bytes: [UInt8], of upload: String, at offset: Int
    ) throws(CLIFailure) -> ToolAnswer {
        try persist { transfer throws(CLIFailure) in
            try transfer.local().hand(bytes, of: upload, at: offset)
        }
    }

    private mutating func persist<Facts>(
        _ ask: (inout Transfer) throws(CLIFailure) -> NodeAnswer<Facts>
    ) throws(CLIFailure) -> NodeAnswer<Facts> {
        var waited = 0
        while true {
            do throws(CLIFailure) {
                let answer = try ask(&self)
                guard case .refused(let code, let message, let pause) = answer,
                    ["rate_limited", "timeout", "offline", "unavailable"].contains(code)
                else { return answer }
                guard waited < Self.patience else { return answer }
                if isShown && waited == 0 { Log.standardError("peer-agent: \(message.printable)") }
                let seconds = max(1, Int((pause ?? 1_000) / 1_000))
                sleep(UInt32(min(seconds, 10)))
                waited += code == "rate_limited" ? 0 : seconds
            } catch {
                client = nil
                // Only a node that was there before may be expected back.
                guard Self.isAway(error.code), shown >= 0, waited < Self.patience else {
                    throw error
                }
                sleep(1)
                waited += 1
            }
        }
    }

    private static func isAway(_ code: CLICode) -> Bool {
        [.nodeUnreachable, .nodeGone, .timeout].contains(code)
    }

    private mutating func connected() throws(CLIFailure) -> NodeClient {
        if let client { return client }
        let made = try NodeClient.open(dataDirectory: dataDirectory, label: label)
        guard let made else { throw away }
        client = made
        return made
    }

    private mutating func local() throws(CLIFailure) -> LocalNode {
        if let node { return node }
        let seconds = Int(Limits.nodeAnswerTimeout.count / 1_000)
        let found = LocalNode(dataDirectory: dataDirectory, timeoutSeconds: seconds)
        guard let found else { throw away }
        node = found
        return found
    }

    private var away: CLIFailure {
        CLIFailure(.nodeUnreachable, "no node runs on \(dataDirectory); start peer-agent run")
    }

    /// Shows the progress at every tenth.
    mutating func show(_ done: Int, of total: Int) {
        let tenth = total > 0 ? done * 10 / total : 10
        guard tenth > shown else { return }
        shown = tenth
        guard isShown else { return }
        Log.standardError("peer-agent: \(done) of \(total) bytes (\(tenth * 10) %)")
    }

    static func refusal(_ code: String, _ message: String) -> CLIFailure {
        CLIFailure(
            code == "consent_required" ? .consentNeeded : .nodeRefused, "\(message) (\(code))")
    }
}
