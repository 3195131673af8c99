#include "console/audit_reading_service.hpp"

#include <algorithm>

#include "base/desk_limits.hpp"

namespace madoguchi::console {
namespace {

using audit::AuditEvent;
using directory::Permission;
using directory::Principal;

// The ministry's path has one part: "1.".
bool is_top(const Actor& actor) {
    const std::string& path = actor.jurisdiction.setting();
    return !path.empty() && path.find('.') == path.size() - 1;
}

}  // namespace

Result<std::vector<Actor>> AuditReadingService::readers(const Principal& principal, audit::EventFilter& filter,
                                                        Instant now) const {
    // Who may read no log but their own actions sees those, wherever they were done.
    auto whole = directory::acting(principal, Permission::read_audit, now);
    if (!whole) {
        filter.actor_account = principal.account.value;
        return directory::acting(principal, Permission::read_own_audit, now);
    }
    for (Actor& actor : *whole) {
        if (is_top(actor)) {
            actor.jurisdiction = Jurisdiction::everything();  // and what belongs to nobody: audit::kNobodysPath
        }
    }
    return whole;
}

Result<std::vector<AuditEvent>> AuditReadingService::list(const Principal& principal, audit::EventFilter filter,
                                                          Instant now) const {
    std::vector<AuditEvent> events;
    for (const Actor& actor : TRY(readers(principal, filter, now))) {
        auto some = TRY(audit_.list(actor, filter));
        std::ranges::move(some, std::back_inserter(events));
    }
    std::ranges::sort(events, std::ranges::greater(), &AuditEvent::id);
    if (events.size() > static_cast<std::size_t>(filter.limit)) {
        events.resize(static_cast<std::size_t>(filter.limit));
    }
    return events;
}

Result<AuditEvent> AuditReadingService::show(const Principal& principal, std::int64_t id, Instant now) const {
    audit::EventFilter filter;
    for (const Actor& actor : TRY(readers(principal, filter, now))) {
        auto event = TRY(audit_.find(actor, id));
        const bool own = event && (!filter.actor_account || event->actor_account == *filter.actor_account);
        if (own) {
            return std::move(*event);
        }
    }
    return failure(ErrorKind::not_found, "not_found");
}

Result<std::vector<AuditEvent>> AuditReadingService::exported(const Principal& principal, audit::EventFilter filter,
                                                              int limit, Instant now) const {
    std::vector<AuditEvent> out;
    filter.limit = limits::kAuditExportBatch;
    for (bool more = true; more && out.size() < static_cast<std::size_t>(limit);) {
        auto some = TRY(list(principal, filter, now));
        more = some.size() == static_cast<std::size_t>(filter.limit);
        if (!some.empty()) {
            filter.before_id = some.back().id;
        }
        std::ranges::move(some, std::back_inserter(out));
    }
    if (out.size() > static_cast<std::size_t>(limit)) {
        out.resize(static_cast<std::size_t>(limit));
    }
    const Actor actor = directory::as_oneself(principal);
    TRY(audit_.note(actor,
                    {.action = "audit.export",
                     .organization_path = principal.home.path,
                     .target_kind = "audit",
                     .target_id = 0,
                     .target_name = filter.account.value_or(""),
                     .after = {{"rows", out.size()}}},
                    now));
    return out;
}

bool AuditReadingService::may_verify(const Principal& principal, Instant now) const {
    const auto actors = directory::acting(principal, Permission::read_audit, now);
    return actors && is_top(actors->front());
}

bool AuditReadingService::sees_only_own(const Principal& principal, Instant now) const {
    return !directory::acting(principal, Permission::read_audit, now).has_value();
}

Result<audit::Verification> AuditReadingService::verify(const Principal& principal, Instant now) const {
    // It reads the whole country's log, every row of it: for those who see the whole.
    TRY(directory::acting(principal, Permission::read_audit, now));
    if (!may_verify(principal, now)) {
        return failure(ErrorKind::forbidden, "forbidden",
                       "verification is for the ministry's administrators and auditors");
    }
    return audit_.verify(now);
}

}  // namespace madoguchi::console
