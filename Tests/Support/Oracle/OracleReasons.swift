/// Why events of one world are void, by number.
struct OracleReasons {
    /// Those that have a reason.
    private(set) var numbers = OracleBits()
    private var texts: [Int: String] = [:]

    /// A reason replaces an earlier one; none is ever taken back.
    subscript(number: Int) -> String? {
        get { numbers.contains(number) ? texts[number] : nil }
        set {
            guard let newValue else { return }
            numbers.insert(number)
            texts[number] = newValue
        }
    }
}
