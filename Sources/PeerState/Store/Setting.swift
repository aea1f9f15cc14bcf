/// One entry of the small table of local choices: names, current places, addresses, invites.
package struct Setting: Hashable, Sendable {
    package let name: String
    /// `nil` removes the entry.
    package let value: [UInt8]?

    package init(name: String, value: [UInt8]?) {
        self.name = name
        self.value = value
    }
}
