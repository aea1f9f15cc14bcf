/// The last event this node wrote in a server.
package struct OwnHead: Hashable, Sendable {
    package let server: Server.ID
    package let seq: UInt64
    package let id: Event.ID

    package init(server: Server.ID, seq: UInt64, id: Event.ID) {
        self.server = server
        self.seq = seq
        self.id = id
    }
}
