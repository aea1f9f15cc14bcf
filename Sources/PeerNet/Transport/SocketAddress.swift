import CLibuv
import Glibc

/// A numeric address in the form the kernel takes.
struct SocketAddress {
    private var storage = sockaddr_storage()

    /// Returns `nil` when `address` holds a name. `localhost` counts as a number.
    init?(_ address: Address) {
        let host = address.host == "localhost" ? "127.0.0.1" : address.host
        let port = Int32(address.port)
        let result = withUnsafeMutableBytes(of: &storage) { bytes -> Int32 in
            guard let base = bytes.baseAddress else { return -1 }
            if host.contains(":") {
                return uv_ip6_addr(host, port, base.assumingMemoryBound(to: sockaddr_in6.self))
            }
            return uv_ip4_addr(host, port, base.assumingMemoryBound(to: sockaddr_in.self))
        }
        guard result == 0 else { return nil }
    }

    /// Copies what a lookup found; `nil` for a family that is not IP.
    init?(_ found: UnsafePointer<sockaddr>, length: Int) {
        guard found.pointee.sa_family == AF_INET || found.pointee.sa_family == AF_INET6,
            length <= MemoryLayout<sockaddr_storage>.size
        else { return nil }
        withUnsafeMutableBytes(of: &storage) {
            $0.copyMemory(from: UnsafeRawBufferPointer(start: found, count: length))
        }
    }

    /// Lets `fill` write an address, such as `uv_tcp_getpeername`; `nil` when that fails.
    init?(filledBy fill: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<Int32>) -> Int32) {
        var length = Int32(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutableBytes(of: &storage) { bytes -> Int32 in
            guard let base = bytes.baseAddress else { return -1 }
            return fill(base.assumingMemoryBound(to: sockaddr.self), &length)
        }
        guard result == 0 else { return nil }
    }

    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>) -> Result) -> Result {
        withUnsafePointer(to: storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0) }
        }
    }

    /// The number and port; IPv4 inside IPv6 is shown as IPv4, so that one host has one name.
    var address: Address? {
        var text = [CChar](repeating: 0, count: 64)
        guard withPointer({ uv_ip_name($0, &text, text.count) }) == 0 else { return nil }
        let end = text.firstIndex(of: 0) ?? text.count
        let name = String(decoding: text[..<end].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let isMapped = name.hasPrefix("::ffff:") && name.contains(".")
        return Address(host: isMapped ? String(name.dropFirst(7)) : name, port: port)
    }

    private var port: UInt16 {
        // Both families keep the port in the same place.
        withUnsafeBytes(of: storage) { UInt16($0[2]) << 8 | UInt16($0[3]) }
    }
}

extension SocketAddress {
    /// The host as a peer's address shows it here: IPv6 in brackets, link-local with its zone.
    var scopedHost: String? {
        guard let host = address?.host else { return nil }
        guard host.contains(":") else { return host }
        guard host.lowercased().hasPrefix("fe8") else { return "[\(host)]" }
        let scope = withPointer { pointer in
            pointer.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                $0.pointee.sin6_scope_id
            }
        }
        var name = [CChar](repeating: 0, count: Int(IF_NAMESIZE))
        guard if_indextoname(scope, &name) != nil else { return nil }
        let zone = String(
            decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return "[\(host)%\(zone)]"
    }
}
