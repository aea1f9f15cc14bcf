import CFaultyVFS
package import PeerState

/// A disk in memory on which stores live, and which fails as it is told to (HOSTILE 1.7).
///
/// Whoever ends a process on it calls `stop`, lets go of its store, and then `start`.
/// - Isolation: one thread at a time.
package final class FaultyDisk {
    /// What SQLite asks a disk for; each of them can fail.
    package struct Calls: OptionSet, Hashable, Sendable {
        package let rawValue: Int32

        package init(rawValue: Int32) { self.rawValue = rawValue }

        package static let open = Self(rawValue: Int32(FAULTY_OPEN))
        package static let read = Self(rawValue: Int32(FAULTY_READ))
        package static let write = Self(rawValue: Int32(FAULTY_WRITE))
        package static let sync = Self(rawValue: Int32(FAULTY_SYNC))
        package static let truncate = Self(rawValue: Int32(FAULTY_TRUNCATE))
        package static let lock = Self(rawValue: Int32(FAULTY_LOCK))
        package static let delete = Self(rawValue: Int32(FAULTY_DELETE))
        package static let all = Self(rawValue: Int32(FAULTY_ANY))
    }

    package enum Trouble: Int32, Hashable, Sendable, CaseIterable {
        case inputOutput, busy, full
        /// An I/O error that leaves half of what was to be written.
        case halfway
    }

    /// What becomes of writes that no sync followed.
    package enum Fate: Int32, Hashable, Sendable {
        /// All are there: the process ended, the power did not.
        case kept
        case dropped
        /// Each sector by itself holds anything that it held since.
        case mixed
    }

    /// The file that stores use.
    package static let database = "node.db"
    package static let log = database + "-wal"

    private let disk: OpaquePointer

    package init(seed: UInt64) {
        _ = Database.withoutStatistics
        disk = Self.made(faulty_disk_new(seed))
    }

    private init(_ disk: OpaquePointer) { self.disk = disk }

    deinit { faulty_disk_free(disk) }

    private static func made(_ disk: OpaquePointer?) -> OpaquePointer {
        guard let disk else { preconditionFailure("no memory for a disk") }
        return disk
    }

    /// The same files in the same state, without faults.
    package func copy(seed: UInt64 = 0) -> FaultyDisk {
        FaultyDisk(Self.made(faulty_disk_copy(disk, seed)))
    }

    /// The name of its file system layer.
    package var name: String { String(cString: faulty_disk_name(disk)) }

    package func store(_ entropy: inout Entropy) throws(StoreFailure) -> sending StoreCore {
        try StoreCore(path: Self.database, vfs: name, entropy: &entropy)
    }

    /// Lets the `number`th call of a kind fail, counted from 1, and all after it when `lasting`.
    package func fail(
        _ calls: Calls, at number: UInt64, _ trouble: Trouble, lasting: Bool = false
    ) {
        faulty_disk_fail(disk, calls.rawValue, number, trouble.rawValue, lasting ? 1 : 0)
    }

    /// Takes back every failure that did not strike yet.
    package func failNothing() {
        fail(.all, at: 0, .inputOutput)
        faulty_disk_cut(disk, .max)
    }

    /// Calls since faults were chosen.
    package var calls: UInt64 { faulty_disk_calls(disk) }

    /// How many of them failed.
    package var struck: UInt64 { faulty_disk_struck(disk) }

    /// Which call failed last; empty = none did.
    package var struckCall: Calls { Calls(rawValue: faulty_disk_struck_call(disk)) }

    /// Cuts the power after so many further calls that change something.
    package func cutPower(after calls: UInt64) { faulty_disk_cut(disk, calls) }

    package var isUp: Bool { faulty_disk_is_up(disk) != 0 }

    /// Ends every connection: whatever it does from here on changes nothing.
    package func stop() { faulty_disk_stop(disk) }

    /// Lets it work again, without faults.
    package func start(_ fate: Fate = .kept, seed: UInt64 = 0) {
        faulty_disk_start(disk, fate.rawValue, seed)
    }

    /// Whether syncs report success and keep nothing.
    package func lie(_ lies: Bool) { faulty_disk_lie(disk, lies ? 1 : 0) }

    /// Lets all files together have so many bytes; `nil` = any number.
    package func limit(toBytes bytes: Int64?) { faulty_disk_limit(disk, bytes ?? 0) }

    package var byteCount: Int64 { faulty_disk_bytes(disk) }

    /// `nil` when there is no such file.
    package func size(of file: String) -> Int64? {
        let size = faulty_disk_size(disk, file)
        return size < 0 ? nil : size
    }

    package func flip(bit: Int64, of file: String) -> Bool {
        faulty_disk_flip(disk, file, bit) != 0
    }

    package func shorten(_ file: String, to size: Int64) { faulty_disk_shorten(disk, file, size) }

    package func remove(_ file: String) { faulty_disk_remove(disk, file) }
}
