import AgentServer
import PeerState

// What the commands do.
extension ChatSession {
    func perform(_ command: ChatCommandLine) throws(CLIFailure) {
        switch command {
        case .nothing: break
        case .post(let text): try post("send_message", ["body": .string(text)])
        case .reply(let reference, let text):
            let id = try message(reference)
            try post("send_reply", ["parent_id": .string(id), "body": .string(text)])
        case .join(let address): try enter(address)
        case .direct(let peer): try openDirect(peer)
        case .react(let reference, let emoji):
            let id = try message(reference)
            try act("react", ["message_id": .string(id), "emoji": .string(emoji)])
        case .edit(let reference, let text):
            let id = try message(reference)
            try act("edit_message", ["message_id": .string(id), "new_body": .string(text)])
        case .delete(let reference):
            try act("delete_message", ["message_id": .string(try message(reference))])
        case .why(let subject): try explain(subject)
        case .who, .channels, .servers: try list(command)
        case .more: try showOlder()
        case .confirm: try confirm()
        case .help: try showHelp()
        case .quit: isOver = true
        case .wrong(let advice): try screen.show(style.problem(advice))
        }
    }

    private func message(_ reference: String?) throws(CLIFailure) -> String {
        guard let id = numbers.id(reference) else {
            throw CLIFailure(.usage, "no message has that number; it stands before each name")
        }
        return id
    }

    private func post(_ tool: String, _ call: JSONObject) throws(CLIFailure) {
        var call = call
        call.append("channel", .string(channelID))
        let result = try asked(tool, call)
        try showPosted(result)
    }

    private func showPosted(_ result: JSON) throws(CLIFailure) {
        if let id = result["message_id"]?.string { try showOwn(id) }
        guard result["outcome"]?.string == "queued" else { return }
        try screen.show(style.note("kept here until a peer is connected"))
    }

    private func act(_ tool: String, _ call: JSONObject) throws(CLIFailure) {
        let result = try asked(tool, call)
        let outcome = result["outcome"]?.string ?? "done"
        try screen.show(style.note(TerminalText.line(outcome)))
    }

    /// Remembers what needs consent, so that `/confirm` can give it.
    private func asked(_ tool: String, _ call: JSONObject) throws(CLIFailure) -> JSON {
        do throws(CLIFailure) {
            let result = try client.call(tool, call)
            heldBack = nil
            return result
        } catch {
            heldBack = error.code == .consentNeeded ? (tool, call) : nil
            throw error
        }
    }

    private func confirm() throws(CLIFailure) {
        guard var held = heldBack else {
            return try screen.show(style.note("nothing waits for your consent"))
        }
        held.call["confirm"] = true
        try showPosted(try asked(held.tool, held.call))
    }

    private func openDirect(_ peer: String) throws(CLIFailure) {
        let name = peer.hasPrefix("@") ? String(peer.dropFirst()) : peer
        let rows = try members()
        let found = rows.filter {
            $0["display_name"]?.string == name || $0["peer_id"]?.string?.hasPrefix(name) == true
        }
        guard found.count == 1, let id = found[0]["peer_id"]?.string else {
            throw CLIFailure(
                .usage, found.isEmpty ? "no member is called that" : "several are; give the id")
        }
        let opened = try client.call("open_direct", ["peer_ids": JSON([id])])
        try enter(opened["channel_id"]?.string ?? opened["channel"]?.string ?? "@\(id)")
    }

    private func members() throws(CLIFailure) -> [JSON] {
        try client.read("peer://server/members")["members"]?.array ?? []
    }

    private func explain(_ subject: String) throws(CLIFailure) {
        let told = try client.call("why", ["subject": .string(numbers.id(subject) ?? subject)])
        let text = told["explanation"]?.string ?? told.text
        try screen.show(style.note(TerminalText.body(text, indent: "  ")))
    }

    private func list(_ command: ChatCommandLine) throws(CLIFailure) {
        let rows: [[String]] =
            switch command {
            case .who:
                try members().map { row in
                    MemberListing.row(row).map { $0.count == 64 ? String($0.prefix(16)) : $0 }
                }
            case .servers:
                (try client.read("peer://servers")["servers"]?.array ?? [])
                    .map(ServerListing.row)
            default:
                (try client.read("peer://server/channels")["channels"]?.array ?? [])
                    .map(ChannelListing.row)
            }
        let text = Table.text(rows.map { $0.map(TerminalText.line) })
        try screen.show(text.isEmpty ? style.note("none") : String(text.dropLast()))
    }

    private func showOlder() throws(CLIFailure) {
        guard let before = older else {
            return try screen.show(style.note("this is where the channel begins"))
        }
        let page = try client.call(
            "read_channel",
            ["channel": .string(channelID), "before": before, "format": "detailed", "limit": 20])
        older = page["has_more"]?.bool == true ? page["prev_cursor"] : nil
        for message in ShownMessage.list(page["messages"]) { try show(message) }
        try screen.show(style.note("older messages end here"))
    }

    private func showHelp() throws(CLIFailure) {
        let rows = ChatCommandLine.table.map { entry in
            ["/\(entry.name)" + (entry.words.isEmpty ? "" : " \(entry.words)"), entry.summary]
        }
        try screen.show(String(Table.text(rows).dropLast()))
    }
}
