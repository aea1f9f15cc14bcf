import Glibc
import PeerState

/// A private folder that is gone, with everything in it, when the work is done.
enum ScratchFolder {
    /// - Parameter parent: of the folder; a place on the same disk as the result.
    static func with<Value>(
        in parent: String, _ body: (String) async throws -> Value
    ) async throws -> Value {
        var template = Array((parent + "/.peer-agent-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else {
            throw StoreFailure(errno: errno, "make a folder in \(parent)")
        }
        let path = String(
            decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { remove(path) }
        return try await body(path)
    }

    /// One level deep, which is all that is ever made.
    private static func remove(_ path: String) {
        if let listing = opendir(path) {
            while let entry = readdir(listing) {
                let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                }
                if name != "." && name != ".." { unlink(path + "/" + name) }
            }
            closedir(listing)
        }
        rmdir(path)
    }
}
