import PeerNet
import PeerState

extension NodeCore {
    /// Writes those fields of the own profile that are not so already.
    mutating func setProfile(
        _ fields: [UInt64: CBORValue], in server: Server.ID
    ) throws(NodeFailure) -> Event? {
        let present = try hosted(server).state.profile(of: me)
        let changed = fields.filter { ($0.value == .null ? nil : $0.value) != present[$0.key] }
        guard !changed.isEmpty else { return nil }
        let body: ProfileUpdated
        do {
            body = try ProfileUpdated(fields: changed)
        } catch {
            throw NodeFailure(.badText, error.detail)
        }
        let event = try write(body, in: server)
        if changed[ProfileUpdated.displayNameField] != nil { change(.identity) }
        return event
    }
}
