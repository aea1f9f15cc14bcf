import CLibuv

/// The addresses of this machine, as others may be told to dial it.
package enum LocalAddresses {
    /// Numeric hosts, those of other machines' reach first, loopback last; IPv4 before IPv6.
    ///
    /// Link-local IPv6 is left out: it means nothing without an interface.
    package static func all() -> [String] {
        var list: UnsafeMutablePointer<uv_interface_address_t>?
        var count: Int32 = 0
        guard uv_interface_addresses(&list, &count) == 0, let list else { return ["127.0.0.1"] }
        defer { uv_free_interface_addresses(list, count) }
        var hosts: [(rank: Int, host: String)] = []
        for index in 0..<Int(count) {
            var entry = list[index]
            let isV6 = Int32(entry.address.address4.sin_family) == AF_INET6
            guard let host = name(of: &entry, isV6: isV6), !host.hasPrefix("fe80") else { continue }
            hosts.append(((entry.is_internal != 0 ? 2 : 0) + (isV6 ? 1 : 0), host))
        }
        return hosts.sorted { ($0.rank, $0.host) < ($1.rank, $1.host) }.map(\.host)
    }

    private static func name(of entry: inout uv_interface_address_t, isV6: Bool) -> String? {
        var text = [CChar](repeating: 0, count: 64)
        let result =
            isV6
            ? uv_ip6_name(&entry.address.address6, &text, text.count)
            : uv_ip4_name(&entry.address.address4, &text, text.count)
        guard result == 0 else { return nil }
        return String(
            decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
