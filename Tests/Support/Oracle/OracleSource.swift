/// Where a member had a permission from (the table of 5.4).
enum OracleSource {
    /// The defaults of a level; exempt ones are never cut.
    case level(grant: Int, isExempt: Bool)
    case direct(Int)
    case role(role: Int, put: Int, assign: Int)
}

/// One permission an event needed, with every source its author had in the state of its past.
struct OracleNeed {
    let permission: Int
    let sources: [OracleSource]
}
