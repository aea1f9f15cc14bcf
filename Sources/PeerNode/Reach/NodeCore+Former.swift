import PeerNet
import PeerState

// The end of this node's own membership, as others tell it.
extension NodeCore {
    /// Takes lowerings of this node that came unasked, and writes nothing more in that server.
    ///
    /// Their deps are not served to a former member, so they may never join the set here: signature
    /// and proof chain decide, and only an event that names this node counts.
    mutating func learnEnd(_ envelopes: [[UInt8]], of server: Server.ID, _ link: LinkID) {
        var events: [Event.ID: Event] = [:]
        for bytes in envelopes {
            do throws(Failure<WireCode>) {
                let envelope = try Envelope(decoding: bytes)
                let event = try Replica.examine(envelope, for: server)
                events[event.id] = event
            } catch {
                reach.counters.count(.loweringsRefused)
                syncHandle(.invalid(link))
                return
            }
        }
        let ends = events.values.filter { isEnd($0) && isProved($0, by: events, in: server) }
        guard let last = ends.max(by: { $0.orderKey < $1.orderKey }) else {
            reach.counters.count(.loweringsRefused)
            return
        }
        // With deps at hand they join the set, and state itself says it.
        deliver(envelopes, to: server, from: link, wantID: nil)
        guard servers[server]?.isMember == true else { return }
        reach.ends[server] = MembershipEnd(
            author: last.author, isSuspension: last.body is MemberSuspended)
        log.log(
            .warning,
            "server \(server.hex): \(last.author) ended the membership of this peer; nothing is "
                + "written there")
        change(.server(server))
        change(.members(server))
    }

    private func isEnd(_ event: Event) -> Bool {
        switch event.body {
        case let body as MemberRemoved: body.target == me
        case let body as MemberSuspended: body.target == me
        case is MemberLeft: event.author == me
        case is Enacted: true
        default: false
        }
    }

    /// Whether what an event acts under is here or came with it, back to what is here.
    private func isProved(
        _ event: Event, by events: [Event.ID: Event], in server: Server.ID
    ) -> Bool {
        guard let state = servers[server]?.state else { return false }
        var next = event
        for _ in 0...Limits.lowerings {
            guard let proof = next.proof else {
                // Founders and participants act under nothing; who left acted for himself.
                return next.author == state.founder || next.author == me
            }
            if state.graph.contains(proof) { return true }
            guard let found = events[proof] else { return false }
            next = found
        }
        return false
    }

    /// A grant that came later lets this node write again.
    mutating func noteReturn(_ events: [Event], _ server: Server.ID) {
        let isGranted = events.contains { event in
            switch event.body {
            case let body as MemberGranted: body.target == me
            case let body as MemberAdmitted: body.target == me
            default: false
            }
        }
        if isGranted && servers[server]?.isMember == true { reach.ends[server] = nil }
    }
}
