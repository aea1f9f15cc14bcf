import Glibc

/// Remembers, outside the database, the highest own event ever written per server.
///
/// Written after each commit and before it is reported. Slots only rise; only `settle` may lower
/// them. No sync per write: it guards against an older database, not against a power loss, after
/// which a lower slot does no harm.
/// - Isolation: that of `StoreCore`.
final class HighWater {
    /// The file grows by this much, taken from the disk before the commit that needs it.
    private static let growthByteCount = 4_096

    private let directory: DataDirectory
    private let origin: HighWaterOrigin
    private var file: Descriptor?
    private var places: [Server.ID: (index: Int, seq: UInt64)] = [:]
    private var free: [Int] = []
    private var slotCount = 0

    /// What the file held when it was opened; `nil` = there was none.
    let image: HighWaterImage?

    init(_ directory: DataDirectory, instanceID: [UInt8]) throws(StoreFailure) {
        self.directory = directory
        origin = try HighWaterOrigin(directory, instanceID: instanceID)
        guard access(directory.highWater, F_OK) == 0 || errno != ENOENT else {
            image = nil
            return
        }
        let file = try Descriptor(opening: directory.highWater, O_RDWR | O_NOFOLLOW)
        let image = HighWaterImage(parsing: try file.read(upTo: Limits.maxHighWaterBytes))
        self.image = image
        guard image.origin != nil else { return }
        self.file = consume file
        adopt(image.slots)
    }

    private func adopt(_ slots: [HighWaterImage.Slot]) {
        slotCount = slots.count + 1
        for (offset, slot) in slots.enumerated() {
            switch slot {
            case .free: free.append(offset + 1)
            case .head(let head): places[head.server] = (offset + 1, head.seq)
            case .torn: break  // Kept as evidence until `settle`.
            }
        }
        free.reverse()
    }

    /// Whether the file was written for the database in this place.
    var isInPlace: Bool { image?.origin?.isSamePlace(as: origin) ?? false }

    /// Makes sure that `record` for these servers needs no space on the disk.
    ///
    /// - Errors: `diskFull`, before anything was committed.
    func reserve(_ servers: Set<Server.ID>) throws(StoreFailure) {
        guard file != nil else { return }
        let missing = servers.filter { places[$0] == nil }.sorted()
        while free.count < missing.count { try grow() }
        for server in missing {
            guard let index = free.popLast() else { return }
            places[server] = (index, 0)
        }
    }

    private func grow() throws(StoreFailure) {
        let byteCount =
            (slotCount * HighWaterImage.slotByteCount / Self.growthByteCount + 1)
            * Self.growthByteCount
        guard byteCount <= Limits.maxHighWaterBytes else {
            throw StoreFailure(.diskFull, "\(directory.highWater) holds no more servers")
        }
        try file?.reserve(byteCount)
        try file?.sync()
        let count = byteCount / HighWaterImage.slotByteCount
        free.insert(contentsOf: (slotCount..<count).reversed(), at: 0)
        slotCount = count
    }

    /// Raises the slot of the head's server.
    ///
    /// - Precondition: `reserve` was called for the server. Without a readable file, before
    ///   `settle`, nothing is kept, so that the next start says `missing` again.
    func record(_ head: OwnHead) throws(StoreFailure) {
        guard file != nil, let place = places[head.server], head.seq > place.seq else { return }
        let bytes = HighWaterImage.bytes(of: head, slot: place.index)
        try file?.write(bytes, at: place.index * HighWaterImage.slotByteCount)
        places[head.server] = (place.index, head.seq)
    }

    /// Frees the slot of a server that was erased on purpose.
    func forget(_ server: Server.ID) throws(StoreFailure) {
        guard file != nil, let place = places.removeValue(forKey: server) else { return }
        let zeros = [UInt8](repeating: 0, count: HighWaterImage.slotByteCount)
        try file?.write(zeros, at: place.index * HighWaterImage.slotByteCount)
        free.append(place.index)
    }

    /// Writes the file anew, for this place and exactly these heads.
    func settle(_ heads: [OwnHead]) throws(StoreFailure) {
        let needed = (heads.count + 1) * HighWaterImage.slotByteCount
        let byteCount =
            (needed + Self.growthByteCount - 1) / Self.growthByteCount * Self.growthByteCount
        var bytes = HighWaterImage.bytes(of: origin)
        for (offset, head) in heads.enumerated() {
            bytes += HighWaterImage.bytes(of: head, slot: offset + 1)
        }
        bytes += [UInt8](repeating: 0, count: byteCount - bytes.count)
        let temporary = directory.highWater + ".new"
        let next = try Descriptor(
            opening: temporary, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW)
        try next.write(bytes, at: 0)
        try next.sync()
        guard rename(temporary, directory.highWater) == 0 else {
            throw StoreFailure(errno: errno, "rename \(temporary)")
        }
        try Descriptor.syncDirectory(directory.path)
        file = consume next
        places = [:]
        free = []
        adopt(HighWaterImage(parsing: bytes).slots)
    }

    func sync() throws(StoreFailure) {
        try file?.sync()
    }

    /// Whether the database file is still the one that was opened.
    func isDatabaseInPlace() -> Bool {
        var status = stat()
        return stat(directory.database, &status) == 0 && UInt64(status.st_ino) == origin.inode
    }
}
