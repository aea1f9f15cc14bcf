import PeerNet
import PeerState
import PeerTesting

/// What channel keys cost: a new one for everybody, and sealing one message.
enum KeyBenchmarks {
    static func report(members: Int, messages: Int, rounds: Int) throws {
        var crowd = try KeyCrowd(members)
        _ = try crowd.write(crowd.draft())
        var times: [Double] = []
        var largest = 0
        for _ in 0..<max(rounds, 5) {
            let watch = Stopwatch()
            let sizes = try crowd.write(crowd.draft())
            times.append(watch.read().seconds * 1_000)
            largest = max(largest, sizes.max() ?? 0)
        }
        let time = Comparison.median(times)
        Report.line([
            "rotation for \(members) members, ms", "", Report.ratio(time), "",
            "< 50\(time < 50 ? "" : " MISSED")",
        ])
        Report.line([
            "  its largest event, KiB", "", Report.ratio(Double(largest) / 1_024), "",
            "< 32\(largest < 32 << 10 ? "" : " MISSED")",
        ])
        try sealing(&crowd, messages)
    }

    private static func sealing(_ crowd: inout KeyCrowd, _ count: Int) throws {
        guard let epoch = crowd.newest, let key = crowd.keys.key(epoch.id) else { return }
        let text = MessageText(
            "Could somebody look at the failing build on the harbour branch?", mentions: [])
        var checksum = 0
        let watch = Stopwatch()
        for number in 0..<count {
            let place = MessagePlace(
                server: crowd.replica.id, channel: crowd.channel, epoch: epoch.id,
                commit: epoch.commit, author: crowd.members[0].publicKey, seq: UInt64(number),
                prev: nil, kind: MessagePosted.kind)
            let sealed = place.seal(text, channelKey: key, &crowd.entropy)
            checksum &+= sealed.ciphertext.count
        }
        let each = watch.read().seconds / Double(count) * 1e6
        precondition(checksum > 0, "nothing was sealed")
        Report.line([
            "encrypting a message, µs", "", Report.ratio(each), "",
            "< 20\(each < 20 ? "" : " MISSED")",
        ])
    }
}
