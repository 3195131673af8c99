#include "reports/missing_report_service.hpp"

#include <algorithm>

#include "base/completeness_limits.hpp"

namespace madoguchi::reports {
namespace {

using directory::Permission;
using directory::Principal;

std::vector<std::string> reporting_roles() {
    std::vector<std::string> out;
    for (const auto role : directory::kRoles) {
        if (directory::reach(role, Permission::report_own) != directory::Reach::none) {
            out.emplace_back(directory::to_text(role));
        }
    }
    return out;
}

// The outbox belongs to the system; who may send was asked before, and the log keeps the person's name.
Actor for_outbox(const Principal& principal) {
    Actor out = directory::as_oneself(principal);
    out.jurisdiction = Jurisdiction::everything();
    return out;
}

Error refusal(Reminding state) {
    const char* id = state == Reminding::told_today        ? "reminder_told_today"
                     : state == Reminding::nothing_missing ? "reminder_nothing_missing"
                                                           : "reminder_nobody_reachable";
    return {.kind = ErrorKind::conflict, .message_id = id};
}

audit::Entry entry_for(const CompletenessRow& row, int people, Instant now) {
    return {.action = "report.ask",
            .organization_path = row.standing.organization.path,
            .target_kind = "organization",
            .target_id = row.standing.organization.id.value,
            .target_name = row.standing.organization.name,
            .reason = {},
            .before = nullptr,
            .after = {{"date", to_text(date_at(now))}, {"people", people}}};
}

// A report that is due today, one that is overdue, or a draft that nobody sent.
bool is_missing(const CompletenessRow& row, ReportDate today) {
    const auto mark = row.marks.find(today);
    const bool open_today = mark != row.marks.end() && (mark->second == DayMark::due || mark->second == DayMark::draft);
    return open_today || row.standing.draft_waits || row.silence.days > 0;
}

}  // namespace

Result<Candidate> MissingReportService::candidate(const Principal& principal, OrganizationId organization,
                                                  Instant now) {
    Candidate out;
    out.row = TRY(parts_.completeness.organization(principal, organization, now)).row;
    TRY(parts_.database.transact(for_outbox(principal), [&](db::Transaction& tx) -> Result<void> {
        out.told = TRY(store_.reminded(tx, organization, date_at(now)));
        const auto people =
            TRY(store_.reachable(tx, organization, reporting_roles(), limits::kReachedPerOrganization, now));
        out.people = static_cast<int>(people.size());
        return {};
    }));
    out.state = !is_missing(out.row, date_at(now)) ? Reminding::nothing_missing
                : out.told                         ? Reminding::told_today
                : out.people == 0                  ? Reminding::nobody_reachable
                                                   : Reminding::ready;
    return out;
}

Result<std::vector<Candidate>> MissingReportService::candidates(const Principal& principal,
                                                                const std::vector<OrganizationId>& organizations,
                                                                Instant now) {
    std::vector<Candidate> out;
    for (const auto organization : organizations) {
        auto found = candidate(principal, organization, now);
        if (found) {
            out.push_back(std::move(*found));
        } else if (found.error().kind != ErrorKind::not_found) {
            return failure(found.error());
        }
    }
    return out;
}

Result<int> MissingReportService::remind(const Principal& principal, OrganizationId organization, Instant now) {
    const auto known = TRY(candidate(principal, organization, now));
    const auto entry = entry_for(known.row, known.people, now);
    if (known.state != Reminding::ready) {
        const Error error = refusal(known.state);
        parts_.audit.refused(directory::as_oneself(principal), entry, error, now);
        return failure(error);
    }
    const Actor actor = for_outbox(principal);
    return parts_.audit.audited(actor, entry, now, [&](db::Transaction& tx) -> Result<int> {
        // Before anything is queued: of two who press at once, the second waits here and then sends nothing.
        if (!TRY(store_.insert(tx, organization, date_at(now), known.people, principal.account, principal.name, now))) {
            return failure(refusal(Reminding::told_today));
        }
        int told = 0;
        for (const auto& person :
             TRY(store_.reachable(tx, organization, reporting_roles(), limits::kReachedPerOrganization, now))) {
            const MissingReport missing{.account = person.account,
                                        .login_id = person.login_id,
                                        .organization_name = known.row.standing.organization.name,
                                        .last_date = known.row.standing.last_date};
            told += TRY(parts_.tell(tx, missing, now)) > 0 ? 1 : 0;
        }
        if (told == 0) {
            return failure(refusal(Reminding::nobody_reachable));
        }
        TRY(parts_.audit.append(tx, actor, entry, now));
        return told;
    });
}

}  // namespace madoguchi::reports
