/// What somebody wants a new token to be.
package struct TokenOrder: Hashable, Sendable {
    package var label: String
    package var grant: TokenGrant
    /// How long it works, ms; `nil` = for ever.
    package var life: UInt64?

    /// Of the token that a node is started with.
    package static let startLabel = "run"
    package static let usualLife: UInt64 = 90 * 86_400_000

    package init(label: String, grant: TokenGrant, life: UInt64? = Self.usualLife) {
        self.label = label
        self.grant = grant
        self.life = life
    }

    package var json: JSON {
        var object = grant.json
        object.append("label", .string(label))
        if let life { object.append("life_ms", JSON(life)) }
        return .object(object)
    }

    package init?(_ json: JSON) {
        guard let object = json.object, let label = object["label"]?.string,
            let grant = TokenGrant(object)
        else { return nil }
        self.init(label: label, grant: grant, life: nil)
        if let life = object["life_ms"] {
            guard let life = life.integer, life > 0 else { return nil }
            self.life = UInt64(life)
        }
    }
}
