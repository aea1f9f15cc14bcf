/// Whether the caller agreed beforehand, by `confirm:true`.
package struct Confirmation: Hashable, Sendable {
    package var isGiven: Bool
}
