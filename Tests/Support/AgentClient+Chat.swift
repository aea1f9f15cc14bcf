package import AgentServer

/// What most stories about two nodes need.
extension AgentClient {
    package var peerID: String {
        get async throws { try await read("peer://identity")["peer_id"]?.string ?? "" }
    }

    /// The port this node accepts peers on, from its log.
    package var port: UInt16 {
        get async throws {
            let line = try await process.logLine(with: "listening on ")
            guard let text = line.split(separator: ":").last, let port = UInt16(text) else {
                throw ChildProcess.Problem("no port in \(line)")
            }
            return port
        }
    }

    /// Where a wait for what is new begins.
    package var place: String {
        get async throws { try await call("inbox")["cursor"]?.string ?? "" }
    }

    /// Creates a server and returns its id.
    package func createServer(_ name: String = "Story") async throws -> String {
        try await call("create_server", ["name": .string(name)])["server_id"]?.string ?? ""
    }

    /// Brings `other` into this node's current server and waits until it can read there.
    package func invite(_ other: AgentClient) async throws {
        let invite = try await call(
            "generate_invite",
            ["recipient_peer_id": .string(try await other.peerID), "confirm": true])
        let place = try await other.place
        try await other.call(
            "accept_invite", ["code": invite["invite_code"] ?? .null, "confirm": true])
        try await post("welcome")
        try await other.waitForTexts(["welcome"], after: place)
    }

    /// Posts to `#general` and returns the message's id.
    @discardableResult
    package func post(_ text: String, key: String? = nil) async throws -> String {
        var arguments: JSONObject = ["channel": "#general", "body": .string(text)]
        if let key { arguments["client_msg_id"] = .string(key) }
        let result = try await call("send_message", .object(arguments))
        guard let id = result["message_id"]?.string else {
            throw ChildProcess.Problem("\(name): no message id in \(result.text)")
        }
        return id
    }

    /// Waits until all of `texts` have arrived after `place`; returns the place behind them.
    ///
    /// - Errors: `ChildProcess.Problem` naming one that is missing after `rounds` empty waits.
    @discardableResult
    package func waitForTexts(
        _ texts: some Sequence<String>, after place: String, emptyWaits: Int = 4
    ) async throws -> String {
        var missing = Set(texts)
        var place = place
        var left = emptyWaits
        while let example = missing.first {
            let news = try await call(
                "wait_for_messages",
                ["after": .string(place), "timeout_s": 10, "limit": 100])
            let found = (news["messages"]?.array ?? []).compactMap { $0["text"]?.string }
            missing.subtract(found)
            place = news["cursor"]?.string ?? place
            if found.isEmpty { left -= 1 }
            guard left > 0 else {
                throw ChildProcess.Problem(
                    "\(name): \(missing.count) messages did not arrive, such as \"\(example)\"")
            }
        }
        return place
    }

    /// Every message of `#general` in display order.
    package func messages() async throws -> [JSON] {
        var pages: [[JSON]] = []
        var before: String?
        repeat {
            var arguments: JSONObject = [
                "channel": "#general", "limit": 50, "format": "detailed",
            ]
            if let before { arguments["before"] = .string(before) }
            let page = try await call("read_channel", .object(arguments))
            pages.append(page["messages"]?.array ?? [])
            before = page["has_more"]?.bool == true ? page["prev_cursor"]?.string : nil
        } while before != nil
        return pages.reversed().flatMap { $0 }
    }

    package func messageIDs() async throws -> [String] {
        try await messages().compactMap { $0["id"]?.string }
    }

    package func texts() async throws -> [String] {
        try await messages().compactMap { $0["text"]?.string }
    }
}

extension AgentClientBench {
    /// Two nodes in one server.
    package func pair() async throws -> (AgentClient, AgentClient) {
        let alice = try await start("alice")
        let bob = try await start("bob", era: .newestLegacy)
        _ = try await alice.createServer()
        try await alice.invite(bob)
        return (alice, bob)
    }

    /// Stops a node in order, by the end of its input.
    package func stop(_ client: AgentClient) async throws -> ChildProcess.Ending {
        client.process.closeInput()
        return try await client.process.ending(within: 10)
    }

    /// What `status --json` says about a node that is not running.
    package func status(of name: String) async throws -> JSON {
        let result = try await command(["status", "--json", "--data-dir", home(name)])
        guard result.ending == .exited(0) else {
            throw ChildProcess.Problem("status of \(name): \(result)")
        }
        return try JSON(parsing: Array(result.output.utf8))
    }
}
