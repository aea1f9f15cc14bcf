import PeerNet
import PeerNode
import PeerState

// Newline framing on the socket file, for commands and for attached clients (MCP 9.7).
extension MCPHTTPServer {
    /// Takes the first line, which says who asks; lines after it are MCP.
    func hello(_ lines: [LineSplitter.Line], _ client: HTTPClient, _ id: UInt64) {
        guard let first = lines.first else { return }
        do throws(HelloRefusal) {
            let hello = try Hello(first)
            var access = try access(hello, client)
            access.pushes = hello.pushes
            client.access = access
            client.stream.write(
                Array(#"{"ok":true,"version":"#.utf8)
                    + JSON.string(dispatcher.configuration.version).encoded + Array("}\n".utf8))
            open(lines.dropFirst(), access, client, id)
        } catch {
            let line: JSON = ["ok": false, "error": .string(error.text)]
            client.stream.write(line.encoded + [0x0A])
            client.stream.finish()
        }
    }

    /// Programs of the owner that do not count each other's messages as their own.
    private static let ownPrincipals: Set = ["stdio", "chat", "watch"]

    private func access(
        _ hello: Hello, _ client: HTTPClient
    ) throws(HelloRefusal) -> Access {
        guard let token = hello.token else {
            let label = Sanitiser.name(hello.label ?? "socket")
            return hello.grant.access(
                principal: Self.ownPrincipals.contains(label) ? label : "owner")
        }
        guard case .accepted(let row) = verdict(token) else {
            countFailure(of: client.address)
            refuseAccess("invalid", client)
            throw HelloRefusal(text: "The token is not valid.")
        }
        usedTokens[row.id] = SystemClock.wallMilliseconds()
        return row.grant.access(principal: row.id)
    }

    private func open(
        _ rest: ArraySlice<LineSplitter.Line>, _ access: Access, _ client: HTTPClient,
        _ id: UInt64
    ) {
        let loop = loop
        let session = StdioSession(
            dispatcher: dispatcher, executor: loop, access: access, transport: "socket"
        ) { frame in
            if loop.isCurrent {
                self.assumeIsolated { $0.write(line: frame, id) }
            } else {
                loop.perform { [weak self] in
                    self?.assumeIsolated { $0.write(line: frame, id) }
                }
            }
        }
        client.mode = .lines(session)
        session.assumeIsolated { session in
            for case .frame(let bytes) in rest { session.receive(bytes + [0x0A]) }
        }
    }

    private func write(line: [UInt8], _ id: UInt64) {
        guard let client = clients[id] else { return }
        guard client.stuckSince != nil else { return write(line, client) }
        guard NoticeRing.isNews(line) else { return client.ring.add(answer: line) }
        metrics.dropped += UInt64(client.ring.add(news: line))
    }

    /// Tells what waited while the client did not read.
    func flushLines(_ client: HTTPClient, untilFull: Bool = true) {
        let now = SystemClock.wallMilliseconds()
        let tag = dispatcher.port.storeTag
        while client.stuckSince == nil || !untilFull,
            let next = client.ring.next(storeTag: tag, now: now)
        {
            write(next.isResync ? next.bytes + [0x0A] : next.bytes, client)
        }
    }
}

/// Why the first line of a pipe was not accepted.
struct HelloRefusal: Error {
    let text: String
}

/// The first line of the newline framing.
struct Hello {
    /// What it may do where no token decides that.
    let grant: TokenGrant
    /// Whether it is sent `claude/channel` envelopes.
    let pushes: Bool
    let label: String?
    let token: String?

    init(_ line: LineSplitter.Line) throws(HelloRefusal) {
        guard case .frame(let bytes) = line, let object = Self.parsed(bytes)?.object,
            object["peer_agent_hello"]?.integer == 1
        else { throw HelloRefusal(text: "Begin with {\"peer_agent_hello\":1}.") }
        guard let scope = Scope(rawValue: object["scope"]?.string ?? "messaging"),
            let consent = Consent(rawValue: object["consent"]?.string ?? "confirm")
        else { throw HelloRefusal(text: "There is no such scope or consent.") }
        guard let channels = ChannelRules(object["channels"]?.object ?? JSONObject()) else {
            throw HelloRefusal(text: "The rules for channels cannot be read.")
        }
        let names = object["toolsets"]?.array?.compactMap(\.string)
        var grant = TokenGrant(
            scope: scope, toolsets: names.map { Set($0.compactMap(Toolset.init(rawValue:))) },
            tools: object["tools"]?.array.map { Set($0.compactMap(\.string)) },
            channels: channels, consent: consent)
        if let uris = object["resources"] {
            guard let uris = uris.array else {
                throw HelloRefusal(text: "The list of resources cannot be read.")
            }
            grant.resources = Set(uris.compactMap(\.string))
        }
        grant.pushFrom = Set(object["push_from"]?.array?.compactMap(\.string) ?? [])
        self.grant = grant
        pushes = object["push"]?.bool ?? false
        label = object["label"]?.string
        token = object["token"]?.string
    }

    private static func parsed(_ bytes: [UInt8]) -> JSON? {
        do {
            return try JSON(parsing: bytes)
        } catch {
            return nil  // The caller refuses it in its own words.
        }
    }
}
