import PeerState

extension OracleView {
    /// Messages of live channels, in canonical order.
    var liveMessages: [Int] {
        let channels = Set(liveChannels.map { event($0).id })
        return inForce(60).filter { number in
            event(number).event(0).map { channels.contains($0) } ?? false
        }
    }

    /// Live messages that nobody deleted.
    private var shownMessages: [Int] { liveMessages.filter { !isDeleted(event($0).id) } }

    func channelRows() -> [[CBORValue]] {
        liveChannels.map { channel in
            let id = event(channel).id
            let writing = [channel] + inForce([60, 55]).filter { event($0).event(0) == id }
            let activity = writing.map { world.wallPlus[$0] }.max() ?? 0
            if world.isDirect {
                return [
                    .named(id), .text(""), .text(""), .unsigned(0), .unsigned(0), .null, .null,
                    .unsigned(activity),
                ]
            }
            let create = event(channel)
            return [
                .named(id), latest(52, of: id).map { event($0).item(1) } ?? create.item(0),
                latest(53, of: id).map { event($0).item(1) } ?? create.item(2), create.item(1),
                create.item(3), readerRoles(channel), create.items(5).first ?? .null,
                .unsigned(activity),
            ]
        }
    }

    func messageRows() -> [[CBORValue]] {
        liveMessages.map { message in
            let post = event(message)
            let edit = latest(61, of: post.id)
            let isDeleted = isDeleted(post.id)
            let status: UInt64 = isDeleted ? 3 : edit == nil ? 1 : 2
            let text = isDeleted ? post.id : edit.map { event($0).id } ?? post.id
            let isMarked = forkPoint[post.author].map { post.seq >= $0 } ?? false
            return [
                .named(post.id), post.item(0), .named(post.author), post.item(4), .named(text),
                .unsigned(status), .unsigned(isMarked ? 1 : 0),
            ]
        }
    }

    func reactionRows() -> [[CBORValue]] {
        let removed = Set(inForce(64).compactMap { event($0).event(0) })
        return shownMessages.flatMap { message -> [[CBORValue]] in
            let id = event(message).id
            var counts: [Peer.ID: Int] = [:]
            return inForce(63).filter { reaction in
                guard event(reaction).event(0) == id, !removed.contains(event(reaction).id) else {
                    return false
                }
                counts[event(reaction).author, default: 0] += 1
                let count = counts[event(reaction).author] ?? 0
                return count <= world.limits.reactionsPerAuthor
            }.map { [.named(id), .named(event($0).id), .named(event($0).author)] }
        }
    }

    func pinRows() -> [[CBORValue]] {
        let pins = shownMessages.compactMap { message -> (pin: Int, message: Int)? in
            let id = event(message).id
            let last = inForce([65, 66]).last { event($0).event(0) == id }
            guard let last, event(last).kind == 65 else { return nil }
            return (last, message)
        }.sorted { world.precedes($0.pin, $1.pin) }
        return liveChannels.flatMap { channel in
            pins.filter { event($0.message).event(0) == event(channel).id }
                .prefix(world.limits.pinsPerChannel).map { pin, message in
                    [.named(event(channel).id), .named(event(message).id), .named(event(pin).id)]
                }
        }
    }

    func profileRows() -> [[CBORValue]] {
        everMembers.flatMap { peer -> [[CBORValue]] in
            var fields: [UInt64: CBORValue] = [:]
            for profile in inForce(70) where event(profile).author == peer {
                for pair in event(profile).item(0).pairs ?? [] { fields[pair.key] = pair.value }
            }
            return fields.filter { $0.value != .null }.map {
                [.named(peer), .unsigned($0.key), $0.value]
            }
        }
    }

    func epochRows() -> [[CBORValue]] {
        liveChannels.flatMap { channel in
            epochs(event(channel).id).map { epoch in
                let id = event(epoch).id
                let faults = inForce(83).filter {
                    event($0).event(1) == id && event($0).number(2) == 0
                }
                return [
                    .named(event(channel).id), .named(id), .named(event(epoch).author),
                    .unsigned(UInt64(world.epochDepth(epoch))), .unsigned(UInt64(faults.count)),
                ]
            }
        }
    }
}
