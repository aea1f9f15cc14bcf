import PeerNode
import PeerState
import PeerTesting

/// A disk as some process left it, what the next process asks of its store, and what the store
/// holds after each of that when nothing fails.
struct StoreCourse {
    let name: String
    /// Only ever copied.
    let start: FaultyDisk
    let acts: [StoreAct]
    /// The first is after opening alone, the others after each act.
    let contents: [StoreContent]
    /// What the channel shows, at the same moments.
    let texts: [[String]]

    /// After how many acts it was so, in words.
    func place(of content: StoreContent) -> String {
        if let place = contents.firstIndex(of: content) { return "\(place) acts" }
        let nearest = contents.map { content.differences(from: $0) }.enumerated()
            .min { $0.element.count < $1.element.count }
        return "no act (\(nearest?.offset ?? 0) but for \(nearest?.element ?? []))"
    }

    /// Calls of all of it, from the opening on, by the calls that are counted.
    func calls(_ kinds: FaultyDisk.Calls, _ script: StoreScript) throws -> UInt64 {
        let run = StoreRun(self, script)
        run.disk.fail(kinds, at: 0, .inputOutput)
        try run.open()
        for act in acts { try run.perform(act) }
        return run.disk.calls
    }
}
