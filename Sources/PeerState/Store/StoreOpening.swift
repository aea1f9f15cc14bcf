/// What was found when the store was opened.
package struct StoreOpening: Hashable, Sendable {
    /// 16 random bytes made with the database; a copy keeps them.
    package let instanceID: [UInt8]
    /// Whether the database was made just now.
    package let isNew: Bool
    package let verdict: HighWaterVerdict
}
