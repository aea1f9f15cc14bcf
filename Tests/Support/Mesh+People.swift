package import PeerNode
package import PeerState

/// Acts that are watched while they go on, and what agents would count and find.
extension Mesh {
    /// Begins an action whose outcome nobody waits for.
    package func begin(_ node: Int, _ action: Action) {
        feed(node, .perform(NodeCore.ReplyID(0), action))
    }

    /// Messages of a channel in display order, as this node shows them: with those whose key it
    /// lacks.
    package func shown(
        _ node: Int, _ server: Server.ID, _ channel: Channel.ID
    ) throws -> [MessageSnapshot] {
        let request = try core(node).checked(
            PageRequest(
                server: server, channel: channel, anchor: .newest, limit: 1_000,
                showsSealed: true))
        let found = try NodeStorage.messages(request, members[node].store)
        return core(node).snapshots(of: found.page.messages)
    }

    /// A message as a node's store has it, whoever may see it.
    package func stored(_ node: Int, _ message: Event.ID) throws -> StoredMessage? {
        try members[node].store.message(message, withSealed: true)
    }

    /// Unread messages of one principal in all channels of a node.
    package func unread(_ node: Int, by principal: String) throws -> Int {
        let found = try NodeStorage.unread(
            in: core(node).inboxPlaces(nil), by: principal, messagesPerChannel: 0,
            members[node].store)
        return core(node).inbox(found, feed: core(node).visibleFeed, principal: principal).unread
    }

    /// Messages of a channel in which a node finds a word.
    package func found(
        _ node: Int, _ server: Server.ID, _ channel: Channel.ID, word: String
    ) throws -> [Event.ID] {
        let request = SearchRequest(
            terms: [SearchTerm(word)],
            places: [SearchRequest.Place(server: server, channel: channel)], limit: 100)
        return try members[node].store.search(request).hits.map(\.message.id)
    }
}

extension Mesh {
    /// What a node's database finds wrong with texts and their index.
    package func indexDamage(_ node: Int) throws -> [String] {
        try members[node].store.integrity().filter { $0.repair == .rebuild }.map { "\($0)" }
    }
}
