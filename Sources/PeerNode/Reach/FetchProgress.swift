/// How many events of what was promised are here.
package struct FetchProgress: Hashable, Sendable {
    package var have: UInt64
    package var total: UInt64
}
