/// The members of a JSON object in the order they were written.
///
/// - Bound: looked up by scanning, so meant for the small objects of a protocol.
package struct JSONObject: Hashable, Sendable {
    package struct Member: Hashable, Sendable {
        package let key: String
        package var value: JSON

        package init(_ key: String, _ value: JSON) {
            self.key = key
            self.value = value
        }
    }

    package private(set) var members: [Member]

    /// - Parameter members: with different keys.
    package init(_ members: [Member] = []) {
        self.members = members
    }

    /// Setting replaces in place or appends; setting `nil` removes.
    package subscript(_ key: String) -> JSON? {
        get { members.first { $0.key == key }?.value }
        set {
            let place = members.firstIndex { $0.key == key }
            switch (place, newValue) {
            case (let place?, let value?): members[place].value = value
            case (let place?, nil): members.remove(at: place)
            case (nil, let value?): members.append(Member(key, value))
            case (nil, nil): break
            }
        }
    }

    /// Adds a member whose key is known to be new.
    package mutating func append(_ key: String, _ value: JSON) {
        members.append(Member(key, value))
    }

    package var isEmpty: Bool { members.isEmpty }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, JSON)...) {
        self.init(elements.map { Member($0.0, $0.1) })
    }
}
