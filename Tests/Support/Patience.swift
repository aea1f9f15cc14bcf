import Glibc

/// How long a test may take before it counts as hanging.
///
/// A bound against hanging, never a claim about speed: a sanitizer makes everything many times
/// slower, so its recipe raises it.
package enum Patience {
    /// `PEER_TEST_MINUTES`, else 1.
    package static let minutes: Int = {
        guard let text = getenv("PEER_TEST_MINUTES") else { return 1 }
        return Int(String(cString: text)) ?? 1
    }()
}
