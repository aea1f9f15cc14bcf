/// Makes the compiler read a large value where it lies.
///
/// A value whose layout is known is loaded whole before one of its methods is called: of a
/// kilobyte, a kilobyte is copied, several times for each event. One that holds an existential is
/// never loaded. Costs 40 bytes and no time (docs/decisions/0041).
struct InPlace: Sendable {
    private let anything: any Sendable = ()
}
