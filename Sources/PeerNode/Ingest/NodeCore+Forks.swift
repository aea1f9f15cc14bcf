import PeerNet
import PeerState

/// Authors who wrote two events under one number: shown to everybody, and fetched whole.
///
/// - Source: PROTOCOL 5.8, F1. Both events are in the store like any other, so the proof is read
///   from there.
extension NodeCore {
    /// Reads the events that prove forks which the last batch brought to light.
    mutating func showForks(in server: Server.ID) {
        guard let slot = servers[server], !slot.forks.isEmpty else { return }
        for (author, fork) in slot.forks.sorted(by: { $0.key < $1.key }) {
            let isNew = slot.shownForks[author].map { fork.from < $0 } ?? true
            guard isNew || slot.unprovenForks.contains(author) else { continue }
            servers[server]?.unprovenForks.remove(author)
            if isNew {
                servers[server]?.shownForks[author] = fork.from
                log.log(.warning, "peer \(author) wrote two events with number \(fork.from)")
                announceFork(of: author, in: server)
            }
            forkReadCount += 1
            // The sync core counts its own up from 1.
            let id = SyncCore.ReadID(UInt64.max - forkReadCount)
            forkReads[id] = ForkRead(server: server, author: author)
            out.append(
                .read(
                    SyncCore.ReadRequest(
                        id: id, server: server,
                        ranges: [SeqRange(author: author, from: fork.from, to: fork.from)],
                        maxBytes: 2 * Limits.maxEnvelope, maxCount: 2)))
        }
    }

    /// Whose fork a read of the store is about.
    struct ForkRead: Sendable {
        let server: Server.ID
        let author: Peer.ID
    }

    /// Whether a page answers such a read; its two events then go to all links.
    ///
    /// State knows both before the store does: where one is missing, the next batch is waited for.
    mutating func takeForkPage(_ id: SyncCore.ReadID, _ page: SyncCore.Page) -> Bool {
        guard let read = forkReads.removeValue(forKey: id) else { return false }
        if page.envelopes.count == 2 {
            syncHandle(.forkProof(read.server, page.envelopes[0], page.envelopes[1]))
        } else {
            servers[read.server]?.unprovenForks.insert(read.author)
        }
        return true
    }

    /// A proof from a peer: both events are inserted, which is what finds the fork.
    mutating func receiveProof(
        _ first: [UInt8], _ second: [UInt8], of server: Server.ID, from link: LinkID
    ) {
        do {
            let (left, right) = (try Envelope(decoding: first), try Envelope(decoding: second))
            // Said again, it costs no signature check.
            if let replica = servers[server]?.replica, replica.isKnown(left.id),
                replica.isKnown(right.id)
            {
                return
            }
            let event = try Replica.examine(left, for: server)
            let other = try Replica.examine(right, for: server)
            guard event.author == other.author, event.seq == other.seq, event.id != other.id else {
                return syncHandle(.invalid(link))
            }
            deliver([first, second], to: server, from: link, wantID: nil)
        } catch {
            syncHandle(.invalid(link))
        }
    }

    /// Asks for what lies before an event whose `prev` no head shows: a branch that is not ours.
    mutating func fetchBranch(of event: Event, in server: Server.ID, from link: LinkID) {
        guard event.seq > 1, let own = servers[server]?.committedHeads[event.author]?.seq,
            event.seq <= own + 1
        else { return }
        let from = event.seq > Limits.branchFetch ? event.seq - Limits.branchFetch : 1
        let range = SeqRange(author: event.author, from: from, to: event.seq - 1)
        syncHandle(.fetch(server, range, from: link))
    }
}
