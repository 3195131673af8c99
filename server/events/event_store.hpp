// SQL of events: put in order, and read.
#pragma once

#include <vector>

#include "db/database.hpp"
#include "events/event.hpp"

namespace madoguchi::events {

struct EventRange {
    std::int64_t after = 0;
    std::int64_t up_to = 0;
    std::string path;  // below and including it; "": the whole jurisdiction
    std::vector<std::string> types;
    int limit = 0;
};

class EventStore {
public:
    /// Only one server at a time puts events in order. In a statement of its own: what the next one sees was committed
    /// before the lock was had.
    Result<bool> try_lock_ordering(db::Transaction& tx) const;
    /// Gives positions to events that are visible and have none; returns how many.
    Result<std::int64_t> order(db::Transaction& tx, int limit) const;
    /// The last position; 0: there is none.
    Result<std::int64_t> head(db::Transaction& tx) const;
    /// As head(), whatever the jurisdiction: where something that begins now begins.
    Result<std::int64_t> newest(db::Transaction& tx) const;
    /// Oldest first, of the jurisdiction.
    Result<std::vector<Event>> read(db::Transaction& tx, const EventRange& range) const;
    Result<std::optional<Event>> find(db::Transaction& tx, std::int64_t position) const;
    /// Of an organization within the jurisdiction.
    Result<std::optional<std::string>> path_of(db::Transaction& tx, OrganizationId id) const;
};

/// The columns of an event, as every query here names them.
Event to_event(const db::Row& row);

}  // namespace madoguchi::events
