package import PeerState

/// The packet by which nodes in one local network find each other; it names no peer or server.
///
/// - Shape: `[1, tag b8, port, instance b8]`, at most `Limits.beaconBytes`. Source: PROTOCOL 8.3.
package struct LANBeacon: Hashable, Sendable {
    package static let group = "239.192.74.91"
    /// Of the same scope: one link (docs/decisions/0011).
    package static let groupV6 = "ff02::4a5b:b587"
    package static let groupPort: UInt16 = 46_471

    /// What the network and the hour hash to.
    package var tag: UInt64
    /// Where the sender listens, 1 – 65,535.
    package var port: UInt16
    /// Drawn at each start of a process.
    package var instance: UInt64

    package init(tag: UInt64, port: UInt16, instance: UInt64) {
        precondition(port > 0, "a beacon of a node that does not listen")
        self.tag = tag
        self.port = port
        self.instance = instance
    }

    /// - Parameter wallMilliseconds: since 1970; the tag holds for the hour they are in.
    package static func tag(network: String, wallMilliseconds: UInt64) -> UInt64 {
        var bytes = Array(network.utf8)
        let hours = wallMilliseconds / 3_600_000
        withUnsafeBytes(of: hours.bigEndian) { bytes.append(contentsOf: $0) }
        return Sodium.hash("peer-agent/lan/1", bytes).prefix
    }

    package var bytes: [UInt8] {
        var writer = CBORWriter(reserving: Limits.beaconBytes)
        writer.array(4)
        writer.unsigned(1)
        writer.byteString(Self.bytes(of: tag))
        writer.unsigned(UInt64(port))
        writer.byteString(Self.bytes(of: instance))
        return writer.bytes
    }

    /// - Errors: `tooLarge`, `cbor…` and `badField`; elements beyond the four are ignored.
    package init(decoding packet: [UInt8]) throws(Failure<WireCode>) {
        guard packet.count <= Limits.beaconBytes else { throw Failure(.tooLarge, "beacon") }
        try CBORScan.check(packet)
        var reader = CBORReader(packet)
        guard try reader.array("beacon") >= 4 else { throw Failure(.badField, "beacon") }
        _ = try reader.unsigned(in: 1...1, "version")
        tag = Self.number(try reader.byteString(exactly: 8, "tag"))
        port = UInt16(try reader.unsigned(in: 1...65_535, "port"))
        instance = Self.number(try reader.byteString(exactly: 8, "instance"))
    }

    private static func bytes(of number: UInt64) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian) { Array($0) }
    }

    private static func number(_ bytes: [UInt8]) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
}
