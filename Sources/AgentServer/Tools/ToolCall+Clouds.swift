import PeerNode
import PeerState

// A token in lockdown asks before what it writes leaves for somebody's cloud (MCP 10).
extension ToolCall {
    /// Posts what is kept for ever: secrets, and words for those whose provider reads along, are
    /// asked about in one question before anything is signed.
    ///
    /// - Parameters:
    ///   - channel: `nil` while none is posted in.
    ///   - post: its result names the message, if there is one now.
    /// - Errors: `consent_required`; those of the node and of `post`.
    func posting(
        _ body: String, _ field: String = "body", in channel: ChannelSnapshot?,
        _ confirm: Confirmation, _ post: () async throws -> ToolResult
    ) async throws -> ToolResult {
        var acts: [String] = []
        if let finding = SecretScan.finding(in: body) {
            acts.append(
                "\(field): this would post \(finding) to everyone who reads the channel, and the "
                    + "log keeps it for ever.")
        }
        let news: String? =
            if let channel { try await newsOfClouds(in: channel) } else { nil }
        if let news { acts.append(news) }
        if !acts.isEmpty { try needConsent(confirm, acts.joined(separator: " ")) }
        let result = try await post()
        if news != nil, let channel, result.structured["message_id"] != nil {
            await noteClouds(of: channel.id)
        }
        return result
    }

    /// What a first post in a channel would mean where a member's profile says that a provider
    /// elsewhere is told what that member reads; `nil` = nothing new.
    ///
    /// It is new until this principal has once posted there after being told.
    /// - Errors: `NodeFailure`.
    private func newsOfClouds(in channel: ChannelSnapshot) async throws -> String? {
        guard access.lockdown, await !knowsClouds(of: channel.id) else { return nil }
        var named: [String] = []
        var count = 0
        for peer in await port.readers(of: channel.id, in: channel.server) where peer != port.peerID
        {
            guard let policy = try await cloudPolicy(of: peer, in: channel.server) else { continue }
            count += 1
            guard named.count < Limits.cloudsNamed else { continue }
            let name = Sanitiser.name(await port.shownName(peer, in: channel.server))
            named.append("\(name) (\(peer.hex), \(Sanitiser.name(policy)))")
        }
        guard count > 0 else { return nil }
        if count > named.count { named.append("\(count - named.count) more") }
        return "This would be the first post in \(channel.label) since its members hand what they "
            + "read to a provider elsewhere: \(named.joined(separator: ", ")). It cannot be unsaid."
    }

    private func cloudPolicy(of peer: Peer.ID, in server: Server.ID) async throws -> String? {
        do {
            let profile = try await port.card(of: peer, in: server).profile
            let policy = ProfileField.json(profile)["data_policy"]?.string
            return policy.flatMap { $0.hasPrefix("cloud:") ? $0 : nil }
        } catch let failure as NodeFailure where failure.code == .unknownPeer {
            return nil  // Left in between.
        }
    }

    /// A store that cannot say counts as not knowing: one question more is asked.
    private func knowsClouds(of channel: Channel.ID) async -> Bool {
        do {
            return try await audit?.hasAgreed(principal, to: channel) ?? false
        } catch {
            return false
        }
    }

    /// Notes that this principal has posted in a channel after being told.
    ///
    /// What cannot be noted is asked again.
    private func noteClouds(of channel: Channel.ID) async {
        let now = await port.wallMilliseconds()
        do {
            try await audit?.noteAgreed(principal, to: channel, now: now)
        } catch {
            return
        }
    }
}

extension Limits {
    /// Members whose providers a question names.
    static let cloudsNamed = 8
}
