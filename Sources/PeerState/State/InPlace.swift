/// Makes the compiler read a large value where it lies.
///
/// A value whose layout is known is loaded whole before one of its methods is called: of a
/// kilobyte, a kilobyte is copied, several times for each event. One that holds an existential is
/// never loaded. Costs 40 bytes (docs/decisions/0041); looked at through a reference of another
/// module it is copied all the same, so ask there once for many (docs/decisions/0015).
struct InPlace: Sendable {
    private let anything: any Sendable = ()
}
