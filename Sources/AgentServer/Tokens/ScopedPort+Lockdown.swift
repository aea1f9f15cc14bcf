import PeerNode
import PeerState

// Tokens that are shown no text of authors whose key nobody here has compared.
extension ScopedPort {
    static let withheld = "[withheld: author not verified]"

    static func isWithheld(_ message: MessageSnapshot) -> Bool { !isKnown(message.trust) }

    /// Whether the key of an author so trusted was compared.
    private static func isKnown(_ trust: String) -> Bool { ["self", "verified"].contains(trust) }

    /// A message without what its author wrote, where this principal must not see it.
    ///
    /// - Source: MCP 8.5.
    func shown(_ message: MessageSnapshot) -> MessageSnapshot {
        guard isLocked else { return message }
        var message = message
        if let quoted = message.around.answers, !Self.isKnown(quoted.trust) {
            message.around.answers?.text = Self.withheld
        }
        guard Self.isWithheld(message), !message.isDeleted, !message.isSealed
        else { return message }
        message.text = Self.withheld
        message.files = []
        return message
    }

    func shown(_ page: MessagePage) -> MessagePage {
        var page = page
        page.messages = page.messages.map(shown)
        return page
    }

    func shown(_ inbox: InboxSnapshot) -> InboxSnapshot {
        guard isLocked else { return inbox }
        var inbox = inbox
        for index in inbox.entries.indices {
            inbox.entries[index].messages = inbox.entries[index].messages.map(shown)
        }
        return inbox
    }

    /// A hit says what a text holds, so one that must not be seen is none.
    func shown(_ found: MessageSearch) -> MessageSearch {
        guard isLocked else { return found }
        var found = found
        found.hits.removeAll { Self.isWithheld($0.message) }
        found.total = nil
        return found
    }

    func shown(_ versions: [MessageVersion], of message: MessageSnapshot) -> [MessageVersion] {
        isLocked && Self.isWithheld(message) ? [] : versions
    }

    /// An event without the text it carries.
    func shown(_ event: NodeEvent) async -> NodeEvent? {
        guard isLocked else { return event }
        switch event.kind {
        case .partialText: return nil
        case .fileAnnounced, .messageEdited: break
        default: return event
        }
        // The words of an edit, and names of files, are its author's.
        guard case .word(let hex)? = event["message_id"] ?? event["file_id"],
            let id = Event.ID(hex: String(hex.prefix(64)))
        else { return nil }
        do {
            return Self.isWithheld(try await base.message(id)) ? event.withoutText : event
        } catch {
            return nil  // It went away in between.
        }
    }
}

extension NodeEvent {
    /// The same with every text of others replaced, besides the names of channels.
    fileprivate var withoutText: NodeEvent {
        var copy = self
        copy.data = data.map { field in
            guard case .text = field.value, field.name != "channel" else { return field }
            return Field(name: field.name, value: .text(ScopedPort.withheld))
        }
        return copy
    }
}
