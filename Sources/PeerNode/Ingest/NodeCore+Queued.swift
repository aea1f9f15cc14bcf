import PeerState

/// Own events that waited for a peer when the node stopped still wait after its start.
///
/// Kept is only the first of them: one write for as long as nobody is there.
extension NodeCore {
    private static let queuedPrefix = "queued"

    private static func queuedSetting(_ server: Server.ID) -> String {
        "\(queuedPrefix)/\(server.hex)"
    }

    mutating func keepQueued(in server: Server.ID, from seq: UInt64?) {
        guard let seq else { return }
        var writer = CBORWriter()
        writer.array(2)
        writer.unsigned(seq)
        writer.unsigned(now.wallMilliseconds)
        current.batch.settings.append(
            Setting(name: Self.queuedSetting(server), value: writer.bytes))
    }

    mutating func forgetQueued(in server: Server.ID) {
        current.batch.settings.append(Setting(name: Self.queuedSetting(server), value: nil))
    }

    /// After the servers: how many there are is read off the own chain.
    mutating func restoreQueued(_ stored: StoredNode) {
        for setting in stored.settings {
            let parts = setting.name.split(separator: "/", maxSplits: 1)
            guard parts.count == 2, parts[0] == Self.queuedPrefix, let value = setting.value,
                let server = Server.ID(hex: parts[1]),
                let last = servers[server]?.state.lastPlace(of: me)
            else { continue }
            do throws(Failure<WireCode>) {
                var reader = CBORReader(value)
                try reader.array(exactly: 2)
                let first = try reader.unsigned()
                guard first <= last.seq else { continue }
                var queued = QueuedEvents(since: try reader.unsigned())
                queued.count = last.seq - first + 1
                reach.queued[server] = queued
            } catch {
                log.log(.warning, "what waits for a peer cannot be read: \(error)")
            }
        }
    }
}
