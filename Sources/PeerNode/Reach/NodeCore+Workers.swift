import PeerNet
import PeerState

// Members that keep and serve history for others without reading it.
extension NodeCore {
    /// No channel, and no event of its own but admissions (PROTOCOL 4.3).
    private static let workerLimits = Attenuation(channels: [], kinds: [MemberAdmitted.kind])

    /// Makes a peer a member that reads no channel, and lets it serve history and admit by links.
    ///
    /// A peer that is a member already keeps what it may read.
    mutating func authorizeWorker(
        _ worker: Peer.ID, _ server: Server.ID
    ) throws(NodeFailure) -> Outcome {
        let state = try hosted(server).state
        guard worker != me else {
            throw NodeFailure(.invalidArgument, "a worker is another peer than this one")
        }
        var event: Event?
        if state.standing(of: worker) == nil {
            event = try write(
                MemberGranted(
                    target: worker, level: .member, attenuation: Self.workerLimits),
                in: server)
        }
        guard let serving = PermissionNumber(0) else {
            throw NodeFailure(.internalError, "no permission has the number 0")
        }
        let now = try hosted(server).state
        let held = now.permissions(of: worker, at: now.now)
        if !held.contains(.syncProvider) {
            event = try write(
                PermissionGranted(target: worker, permission: serving), in: server)
        }
        return outcome(event == nil ? .unchanged : .applied, event, server)
    }

    /// A provider takes what peers of its operator's choice offer it; nobody asks it.
    mutating func acceptAsProvider(_ server: Server.ID, from peer: Peer.ID) {
        guard configuration.isProvider, dialling.isFixed(peer) else { return }
        do throws(NodeFailure) {
            try acceptInvite(Self.noReply, server.hex)
            log.log(.info, "provider: keeps server \(server.hex), offered by \(peer)")
        } catch {
            log.log(.warning, "provider: an offer of \(peer) cannot be taken: \(error)")
        }
    }

    /// Shows a name where none stands: who is back at an older copy keeps the one it chose since.
    mutating func showName(in slot: HostedServer) throws(NodeFailure) {
        guard slot.state.displayName(of: me) == nil else { return }
        try write(ProfileUpdated(displayName: displayName), in: slot.id)
    }
}
