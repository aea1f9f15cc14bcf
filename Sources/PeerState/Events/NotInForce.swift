/// A kind whose shape is read, kept and forwarded, but whose rules this version does not carry out.
///
/// Everybody running this version voids such events alike, so states stay equal, and a version
/// with the rules gives them their effect by folding again (PROTOCOL 14).
/// - Errors: `notInForce` for every event.
package protocol NotInForce: EventBody {}

extension NotInForce {
    package func check(
        in server: borrowing ServerState, at past: Past, event: Event
    ) throws(Failure<RuleCode>) {
        throw Failure(.notInForce, "this version does not carry out kind \(Self.kind)")
    }

    package func apply(to server: inout ServerState, event: Event) {}
}
