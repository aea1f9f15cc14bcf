/// The first part of a request: what is asked, of which host, and how long the body will be.
package struct HTTPHead: Hashable, Sendable {
    package struct Field: Hashable, Sendable {
        /// In lower case.
        package let name: String
        /// Without the spaces and tabs around it.
        package let value: String
    }

    package enum Body: Hashable, Sendable {
        case none
        case sized(Int)
        case chunked
    }

    package var method: String
    /// The target as it was written: `/path` and perhaps `?query`, or `*`.
    package var target: String
    /// 0 or 1: the digit after `HTTP/1.`
    package var minorVersion: Int
    package var fields: [Field]
    package var body: Body
    /// The client waits for `100 Continue` before it sends the body.
    package var expectsContinue = false

    package var path: String {
        String(target.prefix { $0 != "?" })
    }

    /// What follows the first `?`.
    package var query: String? {
        target.firstIndex(of: "?").map { String(target[target.index(after: $0)...]) }
    }

    /// Every value of a header.
    ///
    /// - Parameter name: in lower case.
    package func values(_ name: String) -> [String] {
        fields.filter { $0.name == name }.map(\.value)
    }

    /// The value of a header that is given once, or always the same; else `nil`.
    package func value(_ name: String) -> String? {
        let found = values(name)
        guard let first = found.first, found.allSatisfy({ $0 == first }) else { return nil }
        return first
    }

    /// The members of a header that is a list, in lower case.
    package func members(_ name: String) -> [String] {
        values(name).flatMap { $0.split(separator: ",") }.map {
            String($0.trimmingPadding).lowercased()
        }
    }

    /// Without the headers that nobody will ask for, while the request is answered.
    func keeping(_ names: Set<String>) -> HTTPHead {
        var head = self
        head.fields = fields.filter { names.contains($0.name) }
        return head
    }

    /// Whether another request may follow on the connection.
    package var keepsAlive: Bool {
        minorVersion == 1 && !members("connection").contains("close")
    }
}

/// A whole request.
package struct HTTPRequest: Hashable, Sendable {
    package var head: HTTPHead
    package var body: [UInt8]
}

extension StringProtocol {
    /// Without spaces and tabs at both ends.
    package var trimmingPadding: SubSequence {
        var rest = self[...]
        while let first = rest.first, first == " " || first == "\t" { rest.removeFirst() }
        while let last = rest.last, last == " " || last == "\t" { rest.removeLast() }
        return rest
    }
}
