extension String {
    /// Characters of a foreign word that an error repeats.
    private static var quotedMax: Int { 80 }

    /// In quotes, shortened, and without anything a terminal would act on.
    var quoted: String {
        let start = printable.prefix(Self.quotedMax)
        return "\"\(start)\(start.count < printable.count ? "…" : "")\""
    }

    /// With controls and text-direction marks made visible, for text that others chose.
    var printable: String {
        var result = ""
        for scalar in unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate:
                result += "\\u{\(String(scalar.value, radix: 16))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
