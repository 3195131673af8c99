// Use cases on events: put in order behind the acts, and read with a cursor within one's jurisdiction.
#pragma once

#include "directory/authorization.hpp"
#include "events/event_store.hpp"

namespace madoguchi::events {

using directory::Principal;

struct EventQuestion {
    std::int64_t after = 0;
    std::vector<std::string> types;  // none: all that one may see
    std::optional<OrganizationId> organization;
    int limit = 0;
};

struct EventPage {
    std::vector<Event> events;
    std::int64_t next = 0;  // where to go on, also behind an empty page
    bool more = false;
};

class EventService {
public:
    explicit EventService(db::Database& database) : database_(database) {}

    /// Gives positions to what was committed since; returns how many. Any number of servers may call it.
    Result<int> order_new();
    /// Oldest first. Errors: forbidden, not_found (organization), conflict (cursor_ahead: this database has not got so
    /// far, as after a restored backup).
    Result<EventPage> read(const Principal& principal, const EventQuestion& question, Instant now) const;

private:
    Result<std::string> path_below(const std::vector<Actor>& actors, OrganizationId organization) const;

    db::Database& database_;
    EventStore store_;
};

/// As whom somebody may see events of which types; one a grant and permission. Errors: forbidden.
struct EventView {
    Actor actor;
    std::vector<std::string> types;
};
Result<std::vector<EventView>> views_of(const Principal& principal, const std::vector<std::string>& types, Instant now);

}  // namespace madoguchi::events
