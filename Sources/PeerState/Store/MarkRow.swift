/// How far one principal has read in one channel.
package struct MarkRow: Hashable, Sendable {
    package let principal: String
    package let server: Server.ID
    package let channel: Channel.ID
    /// The feed position read up to.
    package let position: UInt64

    package init(principal: String, server: Server.ID, channel: Channel.ID, position: UInt64) {
        self.principal = principal
        self.server = server
        self.channel = channel
        self.position = position
    }
}
