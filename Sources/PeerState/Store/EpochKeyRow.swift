/// One channel key this node was given or made.
package struct EpochKeyRow: Hashable, Sendable {
    package let server: Server.ID
    package let channel: Channel.ID
    package let epoch: Epoch.ID
    /// 32 bytes.
    package let key: [UInt8]

    package init(server: Server.ID, channel: Channel.ID, epoch: Epoch.ID, key: [UInt8]) {
        self.server = server
        self.channel = channel
        self.epoch = epoch
        self.key = key
    }
}
