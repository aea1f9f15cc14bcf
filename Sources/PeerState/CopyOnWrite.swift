/// Holds a large value behind one reference: a copy costs one retain, a write to a shared one
/// copies it first.
///
/// For values of many collections that are read where Swift copies them whole, such as through a
/// dictionary. They lie in memory of their own, since a field of a class is copied at each look at
/// it, too (docs/decisions/0041).
@propertyWrapper
package struct CopyOnWrite<Value: Sendable>: Sendable {
    // SAFETY: written only while one `CopyOnWrite` alone refers to it, otherwise never changed; the
    // memory lives as long as this object.
    private final class Storage: @unchecked Sendable {
        let value: UnsafeMutablePointer<Value>

        init(_ value: Value) {
            self.value = .allocate(capacity: 1)
            self.value.initialize(to: value)
        }

        deinit {
            value.deinitialize(count: 1)
            value.deallocate()
        }
    }

    private var storage: Storage

    package init(wrappedValue: Value) { storage = Storage(wrappedValue) }

    package var wrappedValue: Value {
        _read { yield storage.value.pointee }
        _modify {
            if !isKnownUniquelyReferenced(&storage) { storage = Storage(storage.value.pointee) }
            yield &storage.value.pointee
        }
    }
}
