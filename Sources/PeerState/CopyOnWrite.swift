/// Holds a large value behind one reference: a copy costs one retain, a write to a shared one
/// copies it first.
///
/// For values of many collections that are read where Swift copies them whole, such as through a
/// dictionary.
@propertyWrapper
package struct CopyOnWrite<Value: Sendable>: Sendable {
    // SAFETY: written only while one `CopyOnWrite` alone refers to it, otherwise never changed.
    private final class Storage: @unchecked Sendable {
        /// Accesses are those to the one struct around it, which the compiler orders already.
        @exclusivity(unchecked) var value: Value

        init(_ value: Value) { self.value = value }
    }

    private var storage: Storage

    package init(wrappedValue: Value) { storage = Storage(wrappedValue) }

    package var wrappedValue: Value {
        _read { yield storage.value }
        _modify {
            if !isKnownUniquelyReferenced(&storage) { storage = Storage(storage.value) }
            yield &storage.value
        }
    }
}
