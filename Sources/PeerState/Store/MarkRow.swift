/// How far one principal has read in one channel.
///
/// Read is what stands at or before `order` and was announced at or before `position`; without an
/// order, what was announced at or before `position`. So nothing that arrives late is missed.
package struct MarkRow: Hashable, Sendable {
    package let principal: String
    package let server: Server.ID
    package let channel: Channel.ID
    /// The feed position read up to.
    package let position: UInt64
    /// The last message read, in display order.
    package let order: OrderKey?

    package init(
        principal: String, server: Server.ID, channel: Channel.ID, position: UInt64,
        order: OrderKey? = nil
    ) {
        self.principal = principal
        self.server = server
        self.channel = channel
        self.position = position
        self.order = order
    }
}
