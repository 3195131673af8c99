#include "events/event_service.hpp"

#include <algorithm>

#include "base/event_limits.hpp"

namespace madoguchi::events {
namespace {

using directory::Permission;

}  // namespace

Result<std::vector<EventView>> views_of(const Principal& principal, const std::vector<std::string>& types,
                                        Instant now) {
    std::vector<EventView> out;
    bool any = false;
    for (const Permission permission : {Permission::read_audit, Permission::see_reports}) {
        const auto actors = directory::acting(principal, permission, now);
        any = any || actors.has_value();
        const auto opened = types_under(permission, types);
        if (actors && !opened.empty()) {
            for (const Actor& actor : *actors) {
                out.push_back({actor, opened});
            }
        }
    }
    if (!any) {
        return failure(ErrorKind::forbidden, "forbidden", "no grant gives read_audit or see_reports");
    }
    return out;
}

Result<int> EventService::order_new() {
    return database_.transact(Actor::system(), [&](db::Transaction& tx) -> Result<int> {
        if (!TRY(store_.try_lock_ordering(tx))) {
            return 0;  // another server is at it
        }
        return static_cast<int>(TRY(store_.order(tx, limits::kEventsOrdered)));
    });
}

Result<std::string> EventService::path_below(const std::vector<Actor>& actors, OrganizationId organization) const {
    for (const Actor& actor : actors) {
        if (auto path =
                TRY(database_.transact(actor, [&](db::Transaction& tx) { return store_.path_of(tx, organization); }))) {
            return std::move(*path);
        }
    }
    return failure(ErrorKind::not_found, "not_found");
}

Result<EventPage> EventService::read(const Principal& principal, const EventQuestion& question, Instant now) const {
    const auto views = TRY(views_of(principal, question.types, now));
    std::vector<Actor> actors;
    std::ranges::transform(views, std::back_inserter(actors), &EventView::actor);
    EventRange range{.after = question.after, .limit = question.limit + 1};
    if (question.organization) {
        range.path = TRY(path_below(actors, *question.organization));
    }
    // First how far, then what: an event that comes in between belongs to the next page, whoever of us it is for.
    range.up_to = TRY(database_.transact(Actor::system(), [&](db::Transaction& tx) { return store_.head(tx); }));
    if (question.after > range.up_to) {
        return failure(ErrorKind::conflict, "cursor_ahead");
    }
    EventPage page;
    for (const auto& view : views) {
        range.types = view.types;
        auto some = TRY(database_.transact(view.actor, [&](db::Transaction& tx) { return store_.read(tx, range); }));
        std::ranges::move(some, std::back_inserter(page.events));
    }
    std::ranges::sort(page.events, {}, &Event::position);
    page.more = page.events.size() > static_cast<std::size_t>(question.limit);
    page.next = range.up_to;
    if (page.more) {
        page.events.resize(static_cast<std::size_t>(question.limit));
        page.next = page.events.back().position;
    }
    return page;
}

}  // namespace madoguchi::events
