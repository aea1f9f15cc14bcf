/// What may be done with a server as a whole.
package enum ServerAct: Hashable, Sendable {
    case rename(String)
    case describe(String)
    case leave
}
