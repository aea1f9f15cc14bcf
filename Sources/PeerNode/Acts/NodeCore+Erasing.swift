import PeerNet
import PeerState

/// The copy of a server that is to go; until then it is shown to nobody.
struct Erasure: Hashable, Sendable {
    /// `nil` until a peer knows that this node has left: nobody else could tell the others.
    var due: Instant?
    var forgetsFiles = false
}

/// Erasing what is stored of a server that was left, once its members know of the leave.
///
/// The wish outlives a restart. The order is: leave durable, a peer has it, files, then everything
/// in the database in one transaction.
extension NodeCore {
    private mutating func keepErasure(_ server: Server.ID, _ value: [UInt8]?) {
        current.batch.settings.append(
            Setting(name: "erasing/\(server.hex)", value: value))
    }

    /// - Parameter isKnown: whether the others know already that this node is no member.
    mutating func beginErasing(_ server: Server.ID, isKnown: Bool) {
        erasures[server] = Erasure()
        keepErasure(server, [0])
        change(.servers)
        if isKnown { noteLeaveKnown(server) }
    }

    mutating func restoreErasure(_ text: Substring, _ value: [UInt8]) {
        guard let server = Server.ID(hex: text) else { return }
        erasures[server] = Erasure(due: value == [1] ? now.monotonic : nil)
    }

    /// A peer has the leave, or ends talking about the server because of it.
    mutating func noteLeaveKnown(_ server: Server.ID) {
        guard let erasure = erasures[server], erasure.due == nil else { return }
        let due = now.monotonic + Limits.erasedAfterLeave
        erasures[server]?.due = due
        keepErasure(server, [1])
        wakes.add(due)
    }

    /// Whoever joins again keeps what is left.
    mutating func endErasing(_ server: Server.ID) {
        guard erasures.removeValue(forKey: server) != nil else { return }
        keepErasure(server, nil)
        change(.servers)
    }

    /// Begins with those whose time has come.
    mutating func eraseDue() {
        guard !pause.isOn else { return }
        for (server, erasure) in erasures.sorted(by: { $0.key < $1.key }) {
            guard let due = erasure.due, !erasure.forgetsFiles else { continue }
            guard due <= now.monotonic else {
                wakes.add(due)
                continue
            }
            erasures[server]?.forgetsFiles = true
            out.append(.files(.forget(server)))
        }
    }

    /// Its files are gone from the disk.
    mutating func eraseRest(of server: Server.ID) {
        guard erasures[server]?.forgetsFiles == true else { return }
        log.log(.info, "server \(server.short): left, and its copy is erased")
        endErasing(server)
        noteHandedOn(server)
        agreements[server] = nil
        dropServer(server)
    }
}

extension Limits {
    /// How long a peer that was told of a leave has to take it in before the copy here goes.
    static let erasedAfterLeave = Milliseconds.seconds(5)
}
