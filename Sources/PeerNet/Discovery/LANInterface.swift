import CLibuv

/// An address of this machine in a local network.
package struct LANInterface: Hashable, Sendable {
    /// Such as `eth0`.
    package let name: String
    /// A number, without brackets and zone.
    package let host: String

    package init(name: String, host: String) {
        self.name = name
        self.host = host
    }

    package var isV6: Bool { host.contains(":") }

    /// Every address, loopback included; IPv6 may be given as `fe80::1`.
    package static func all() -> [LANInterface] {
        var list: UnsafeMutablePointer<uv_interface_address_t>?
        var count: Int32 = 0
        guard uv_interface_addresses(&list, &count) == 0, let list else { return [] }
        defer { uv_free_interface_addresses(list, count) }
        var found: [LANInterface] = []
        for index in 0..<Int(count) {
            var text = [CChar](repeating: 0, count: 64)
            let isV6 = Int32(list[index].address.address4.sin_family) == AF_INET6
            let result =
                isV6
                ? uv_ip6_name(&list[index].address.address6, &text, text.count)
                : uv_ip4_name(&list[index].address.address4, &text, text.count)
            guard result == 0, let name = list[index].name else { continue }
            let host = String(
                decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            found.append(LANInterface(name: String(cString: name), host: host))
        }
        return found
    }

    /// Whether beacons are sent here without being asked for: private ranges, not loopback, on
    /// which nobody else could hear them.
    package var isPrivate: Bool {
        if isV6 {
            let head = host.lowercased().prefix(4)
            return head.hasPrefix("fe8") || head.hasPrefix("fc") || head.hasPrefix("fd")
        }
        let parts = host.split(separator: ".").compactMap { UInt8($0) }
        guard parts.count == 4 else { return false }
        switch (parts[0], parts[1]) {
        case (10, _), (192, 168), (169, 254): return true
        case (172, 16...31): return true
        default: return false
        }
    }

    /// Where to send beacons for a node that listens at `host`.
    ///
    /// - Parameter chosen: an address the operator named, loopback allowed; `nil` for all private
    ///   ones. One address of each family is enough on an interface.
    package static func forBeacons(
        listeningAt host: String, chosen: String?, among all: [LANInterface]
    ) -> [LANInterface] {
        if let chosen { return all.filter { $0.host == chosen }.prefix(1).map { $0 } }
        let isAny = host == "0.0.0.0" || host == "::"
        var taken: Set<String> = []
        return all.filter { entry in
            guard entry.isPrivate, isAny || entry.host == host,
                // Who listens on IPv4 alone is not dialled over IPv6.
                host != "0.0.0.0" || !entry.isV6
            else { return false }
            return taken.insert("\(entry.name)/\(entry.isV6)").inserted
        }
    }
}
