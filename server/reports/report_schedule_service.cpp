#include "reports/report_schedule_service.hpp"

#include "reports/completeness_service.hpp"

namespace madoguchi::reports {
namespace {

using directory::OrganizationKind;
using directory::Permission;
using directory::Principal;

tl::unexpected<Error> hidden() {
    return failure(ErrorKind::not_found, "not_found");
}

bool reports_at_all(OrganizationKind kind) {
    return kind == OrganizationKind::facility || kind == OrganizationKind::follow_up_center ||
           kind == OrganizationKind::health_center;
}

}  // namespace

nlohmann::json to_json(const Schedule& schedule) {
    auto weekdays = nlohmann::json::array();
    for (std::size_t day = 0; day < schedule.on.size(); ++day) {
        if (schedule.on.at(day)) {
            weekdays.push_back(day + 1);
        }
    }
    return {{"weekdays", weekdays}, {"on_public_holidays", schedule.on_holidays}};
}

Result<ReportScheduleService::Shown> ReportScheduleService::show(const Principal& principal,
                                                                 OrganizationId organization, Instant now) {
    const CompletenessStore places;
    for (const Actor& actor : TRY(directory::acting(overseeing(principal), Permission::see_reports, now))) {
        auto found = TRY(parts_.database.transact(actor, [&](db::Transaction& tx) -> Result<std::optional<Shown>> {
            const auto place = TRY(places.find_place(tx, organization));
            if (!place || !reports_at_all(place->kind)) {
                return std::optional<Shown>();
            }
            const auto stored = TRY(store_.find(tx, organization, parts_.usual));
            return std::optional(
                Shown{.organization = *place,
                      .stored = stored,
                      .may_change = directory::may(principal, Permission::create_organization, *place, now)});
        }));
        if (found) {
            return std::move(*found);
        }
    }
    return hidden();
}

Result<ReportScheduleService::Shown> ReportScheduleService::change(const Principal& principal,
                                                                   OrganizationId organization,
                                                                   const Schedule& schedule, int seen_version,
                                                                   Instant now) {
    auto before = TRY(show(principal, organization, now));
    const audit::Entry entry{.action = "report_schedule.change",
                             .organization_path = before.organization.path,
                             .target_kind = "organization",
                             .target_id = organization.value,
                             .target_name = before.organization.name,
                             .reason = {},
                             .before = to_json(before.stored.schedule),
                             .after = to_json(schedule)};
    if (!before.may_change) {
        const Error error{.kind = ErrorKind::forbidden, .message_id = "forbidden"};
        parts_.audit.refused(directory::as_oneself(principal), entry, error, now);
        return failure(error);
    }
    for (const Actor& actor : TRY(directory::acting(principal, Permission::create_organization, now))) {
        if (!actor.jurisdiction.contains(before.organization.path)) {
            continue;
        }
        TRY(parts_.audit.audited(actor, entry, now, [&](db::Transaction& tx) -> Result<void> {
            if (!TRY(store_.save(tx, organization, schedule, seen_version, principal.account, now))) {
                return failure(ErrorKind::conflict, "changed_meanwhile");
            }
            return parts_.audit.append(tx, actor, entry, now);
        }));
        before.stored = {schedule, seen_version + 1};
        return before;
    }
    return hidden();
}

}  // namespace madoguchi::reports
