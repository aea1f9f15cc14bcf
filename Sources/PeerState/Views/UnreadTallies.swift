/// What principals have not read, counted once and kept up with what arrives after.
///
/// Every answer to an agent says how much is unread; without this each would read all that is.
struct UnreadTallies {
    /// Where a principal has read up to.
    struct Mark {
        var position: UInt64 = 0
        var order: OrderKey?
    }

    struct Tally {
        let mark: Mark
        /// Of the last arrival that was looked at.
        var feed: UInt64
        var unread = 0
        var mentions = 0
    }

    private struct Arrivals {
        /// Of the newest text.
        var last: UInt64
        var tallies: [String: Tally] = [:]
    }

    private var channels: [Channel.ID: Arrivals] = [:]

    /// A text was written; one that is counted, and not the newest, makes what was counted wrong.
    mutating func noteArrival(in channel: Channel.ID, feed: UInt64, _ flags: TextFlags) {
        guard let last = channels[channel]?.last else { return }
        if feed > last {
            channels[channel]?.last = feed
        } else if !flags.contains(.uncounted) {
            channels[channel] = nil
        }
    }

    /// Something that was counted, or was not, is another now.
    mutating func forget(_ channel: Channel.ID) {
        channels[channel] = nil
    }

    mutating func forget(_ channel: Channel.ID, by principal: String) {
        channels[channel]?.tallies[principal] = nil
    }

    mutating func forgetAll() {
        channels = [:]
    }

    var isEmpty: Bool { channels.isEmpty }

    /// - Returns: what was counted, and whether something has arrived since.
    func tally(
        of channel: Channel.ID, by principal: String
    ) -> (tally: Tally, isBehind: Bool)? {
        guard let arrivals = channels[channel], let tally = arrivals.tallies[principal]
        else { return nil }
        return (tally, tally.feed < arrivals.last)
    }

    /// - Parameter last: feed position of the newest text of the channel, which was counted.
    mutating func keep(
        _ tally: Tally, of channel: Channel.ID, by principal: String, last: UInt64
    ) {
        if channels[channel] == nil, channels.count >= Limits.cachedChannels { channels = [:] }
        var arrivals = channels.removeValue(forKey: channel) ?? Arrivals(last: last)
        if arrivals.tallies.count >= Limits.talliesPerChannel { arrivals.tallies = [:] }
        arrivals.tallies[principal] = tally
        channels[channel] = arrivals
    }
}

extension TextFlags {
    /// Those on which it depends whether a message counts as unread, and as what.
    static let counting: Self = [.mention, .local, .deleted, .late, .uncounted]
}
