// Requested fields as a tree, the shape in which schemas are walked.

import WeirCore

/// What is wanted of one value, and of the values inside it.
struct Want {
    /// Slot for the value itself.
    var slot: Int?
    /// Slot for the value's extent.
    var extent: Int?
    var children: [String: Want] = [:]

    /// False if only the extent is wanted.
    var isRead: Bool { slot != nil || !children.isEmpty }

    /// Adds a request; returns the slot that gets the same value already, if there is one.
    mutating func add(_ request: FieldRequest, slot: Int) -> Int? {
        add(request.path.names[...], isExtent: request.use == .extent, slot)
    }

    private mutating func add(_ names: ArraySlice<String>, isExtent: Bool, _ newSlot: Int) -> Int? {
        if let name = names.first {
            return children[name, default: Want()].add(names.dropFirst(), isExtent: isExtent, newSlot)
        }
        if isExtent {
            if let extent { return extent }
            extent = newSlot
        } else {
            if let slot { return slot }
            slot = newSlot
        }
        return nil
    }
}
