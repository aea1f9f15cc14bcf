import Glibc
import PeerState

/// A new private folder that goes away with everything in it.
enum DemoFolder {
    /// Lends the folder's path for the length of `body`.
    ///
    /// - Errors: `demoFailed`, and those of `body`.
    static func with(_ body: (String) throws -> Void) throws {
        let parent = Invocation.environment("TMPDIR") ?? "/tmp"
        var template = Array((parent + "/peer-agent-demo-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else {
            throw CLIFailure(
                .demoFailed, "cannot make a folder in \(parent): \(systemText(errno)); set TMPDIR")
        }
        let bytes = template.dropLast().map { UInt8(bitPattern: $0) }
        let path = String(decoding: bytes, as: UTF8.self)
        defer { remove(path) }
        try body(path)
    }

    /// Children before parents, never through a link.
    private static func remove(_ path: String) {
        if let listing = opendir(path) {
            while let entry = readdir(listing) {
                let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                }
                guard name != ".", name != ".." else { continue }
                let isFolder = entry.pointee.d_type == UInt8(DT_DIR)
                if isFolder { remove(path + "/" + name) } else { unlink(path + "/" + name) }
            }
            closedir(listing)
        }
        rmdir(path)
    }
}
