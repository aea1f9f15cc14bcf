import PeerNet
import PeerState

// What legacy streams say is on disk before it is written (MCP 11, N2).
extension MCPHTTPServer {
    /// An event that waits for the database.
    struct StreamEvent: Sendable {
        let session: String
        let place: SessionPlace
        let bytes: [UInt8]
    }

    /// Adds an event to a stream; whoever holds the stream gets it once it is stored.
    func say(_ bytes: [UInt8], at place: SessionPlace, in session: LegacySession) {
        unsaid.append(StreamEvent(session: session.key, place: place, bytes: bytes))
        storeStreams(session)
    }

    /// Writes what the log of a session has to write; all that wait share one transaction.
    func storeStreams(_ session: LegacySession) {
        unstoredSessions.insert(session.key)
        guard !isStoringStreams else { return }
        isStoringStreams = true
        own { await $0.storeStreams() }
    }

    private func storeStreams() async {
        while !unstoredSessions.isEmpty {
            let events = unsaid
            unsaid = []
            let changes = unstoredSessions.sorted().compactMap { key in
                sessions[key].map { (session: key, changes: $0.log.takeChanges()) }
            }
            unstoredSessions = []
            do {
                try await store.put(changes)
            } catch {
                // They are still told: only coming back for them after a restart fails.
                log.log(.error, "what a session was told cannot be stored: \(error)")
            }
            for event in events { tell(event) }
        }
        isStoringStreams = false
    }

    private func tell(_ event: StreamEvent) {
        guard let session = sessions[event.session] else { return }
        session.log.stored(event.place)
        guard let number = session.attached[event.place.stream] else { return }
        write(number, event.bytes)
        endIfSent(number)
    }

    /// Writes down which requests a stream still owes an answer.
    func noteRequests(of number: UInt64) {
        guard let reply = replies[number], let stream = reply.stream, !reply.isStanding,
            let session = reply.session.flatMap({ sessions[$0] })
        else { return }
        let open = flights.filter { $0.value.reply == number }.sorted { $0.key < $1.key }
        session.log.expect(open.map { $0.value.exchange.sessionRequest }, on: stream)
        storeStreams(session)
    }
}

extension MCPExchange {
    /// What another process needs to go on with it.
    fileprivate var sessionRequest: SessionRequest {
        guard case .callTool(WaitTool.waitForMessages.name, var arguments) = admission.method,
            let wait = waiting
        else { return SessionRequest(id, wait: nil) }
        arguments["after"] = .string(wait.cursor)
        return SessionRequest(
            id,
            wait: .init(
                arguments: arguments, progressToken: admission.progressToken,
                begunAt: wait.begunAt))
    }
}
