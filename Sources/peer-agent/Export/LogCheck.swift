package import PeerState

/// Reads the signed log of a server event by event, and says what is wrong with it.
///
/// Checks what a node checks that receives the events from a stranger: bytes, ids, signatures,
/// chains and rules. Keys are not needed, and texts stay sealed.
package struct LogCheck: Sendable {
    package struct Summary: Hashable, Sendable {
        package let events: Int
        package let authors: Int
        package let void: Int
        package let messages: Int
        /// Events that name others which are not there.
        package let waiting: Int
        package let stateHash: Digest.Value
    }

    package let server: Server.ID
    private var replica: Replica
    private var authors: Set<Peer.ID> = []
    private var count = 0

    package init(server: Server.ID) {
        self.server = server
        replica = Replica(id: server)
    }

    /// Takes the next event.
    ///
    /// - Parameter id: what it is said to be, where that is known.
    /// - Returns: what is wrong with it, in words; `nil` when nothing is.
    package mutating func add(_ bytes: [UInt8], id: Event.ID? = nil) -> String? {
        let envelope: Envelope
        do {
            envelope = try Envelope(decoding: bytes)
        } catch {
            return "its bytes are no event (\(error.code.word))"
        }
        if let id, envelope.id != id {
            return "its bytes were altered: they have the id \(envelope.id.hex)"
        }
        do {
            let event = try Replica.examine(envelope, for: server)
            let verdict = replica.insert(
                event, envelope, source: nil, wallMilliseconds: Limits.maxWallMilliseconds)
            count += 1
            authors.insert(event.author)
            return Self.problem(verdict)
        } catch {
            return error.code == .badSignature
                ? "its signature is not its author's (badSignature)"
                : "it is not acceptable (\(error.code.word))"
        }
    }

    private static func problem(_ verdict: Replica.Verdict) -> String? {
        switch verdict {
        case .stored, .waiting, .early: nil
        case .duplicate: "it is there twice"
        case .refused(let failure): "it is not acceptable (\(failure.code.word))"
        case .dropped(let failure): "its author was never a member (\(failure.code.word))"
        }
    }

    /// What all events together make.
    package var summary: Summary {
        Summary(
            events: count, authors: authors.count,
            void: Int(StateHash.sections(of: replica.state)[14].count),
            messages: replica.state.messageCount, waiting: replica.pending.count,
            stateHash: StateHash.hash(of: replica.state))
    }

    package var name: String { replica.state.name }
}
