#include "reports/proxy_report_service.hpp"

#include <algorithm>

#include "base/field_errors.hpp"
#include "base/japanese_text.hpp"
#include "base/limits.hpp"
#include "reports/proxy_limits.hpp"

namespace madoguchi::reports {
namespace {

using directory::OrganizationKind;
using directory::Permission;

tl::unexpected<Error> hidden() {
    return failure(ErrorKind::not_found, "not_found");
}

tl::unexpected<Error> changed() {
    return failure(ErrorKind::conflict, "received_changed");
}

// As one grant after the other, until one sees what is asked for.
template <class Work>
auto within(const ProxyReportService::Parts& parts, const Principal& principal, Instant now, Work&& work)
    -> std::invoke_result_t<Work, db::Transaction&, const Actor&> {
    std::invoke_result_t<Work, db::Transaction&, const Actor&> result = hidden();
    for (const Actor& actor : TRY(directory::acting(principal, Permission::report_proxy, now))) {
        result = parts.database.transact(actor, [&](db::Transaction& tx) { return work(tx, actor); });
        if (result || result.error().kind != ErrorKind::not_found) {
            break;
        }
    }
    return result;
}

// What all grants see together.
template <class Row, class Work>
Result<std::vector<Row>> gathered(const ProxyReportService::Parts& parts, const Principal& principal, Instant now,
                                  Work&& work) {
    std::vector<Row> out;
    for (const Actor& actor : TRY(directory::acting(principal, Permission::report_proxy, now))) {
        auto some = TRY(parts.database.transact(actor, work));
        std::ranges::move(some, std::back_inserter(out));
    }
    return out;
}

template <class Work>
Result<std::int64_t> added_up(const ProxyReportService::Parts& parts, const Principal& principal, Instant now,
                              Work&& work) {
    std::int64_t count = 0;
    for (const Actor& actor : TRY(directory::acting(principal, Permission::report_proxy, now))) {
        count += TRY(parts.database.transact(actor, work));
    }
    return count;
}

/// The health centre in whose name somebody types for the organization at `path`.
OrganizationRef desk_of(const Principal& principal, const std::string& path, Instant now) {
    for (const auto& grant : principal.grants) {
        if (path.starts_with(grant.organization.path) &&
            directory::gives(principal, grant, Permission::report_proxy, now)) {
            return grant.organization;
        }
    }
    return principal.home;
}

Result<std::string> checked_reason(const std::string& field, const std::string& typed) {
    auto reason = fold_width(typed);
    FieldErrors errors;
    if (reason.empty()) {
        errors.add(field, "required");
    } else if (code_points(reason) > limits::kReasonCodePoints) {
        errors.add(field, "too_long", {{"maximum", std::to_string(limits::kReasonCodePoints)}});
    }
    TRY(std::move(errors).result());
    return reason;
}

audit::Entry entry_of(const std::string& action, const ReceivedReport& received, const std::string& reason,
                      std::string_view state) {
    return {.action = action,
            .organization_path = received.organization_path,
            .target_kind = "organization",
            .target_id = received.organization.value,
            .target_name = received.organization_name,
            .reason = reason,
            .before = nullptr,
            .after = {{"received", received.id},
                      {"report_date", to_text(received.date)},
                      {"received_by", to_text(received.proxy.by)},
                      {"received_at", format_rfc3339_japan(received.proxy.received_at)},
                      {"state", state}}};
}

audit::Entry attempt_of(const Principal& principal, const std::string& action, std::int64_t id) {
    return {.action = action,
            .organization_path = principal.home.path,
            .target_kind = "received_report",
            .target_id = id,
            .target_name = {}};
}

}  // namespace

Result<OrganizationRef> ProxyReportService::target(db::Transaction& tx, const Principal& principal,
                                                   OrganizationId organization, Instant now) const {
    const auto found = TRY(parts_.organizations.get(tx, organization));
    const auto place = directory::ref(found);
    if (!directory::may(principal, Permission::report_proxy, place, now)) {
        return hidden();
    }
    // A health centre's own figures are its own report, and never somebody else's.
    if (place.kind != OrganizationKind::facility && place.kind != OrganizationKind::follow_up_center) {
        return invalid_field("organization", "proxy_kind");
    }
    if (found.state != "active") {
        return invalid_field("organization", "proxy_closed");
    }
    return place;
}

Result<directory::Organization> ProxyReportService::place(const Principal& principal, OrganizationId organization,
                                                          Instant now) {
    return within(parts_, principal, now, [&](db::Transaction& tx, const Actor&) -> Result<directory::Organization> {
        TRY(target(tx, principal, organization, now));
        return parts_.organizations.get(tx, organization);
    });
}

// --- the work list ---

Result<std::int64_t> ProxyReportService::receive(const Principal& principal, const RegisterReceived& command,
                                                 Instant now) {
    return within(parts_, principal, now, [&](db::Transaction& tx, const Actor& actor) -> Result<std::int64_t> {
        const auto place = TRY(target(tx, principal, command.organization, now));
        const auto desk = desk_of(principal, place.path, now);
        ReceivedReport received{.organization = place.id,
                                .organization_name = place.name,
                                .organization_path = place.path,
                                .phone = {},
                                .date = command.details.date,
                                .proxy = {.organization = desk.id,
                                          .organization_name = desk.name,
                                          .by = command.details.by,
                                          .received_at = command.details.received_at,
                                          .note = command.details.note},
                                .registered_at = now,
                                .registered_by_name = principal.name,
                                .typed = std::nullopt,
                                .reason = {},
                                .finished_at = std::nullopt,
                                .finished_by_name = {},
                                .receipt = {}};
        const auto id = TRY(store_.insert(tx, received, principal.account));
        if (!id) {
            const auto first = TRY(store_.find_waiting(tx, place.id, received.date));
            return failure({.kind = ErrorKind::conflict,
                            .message_id = "received_already",
                            .values = {{"id", std::to_string(first ? first->id : 0)},
                                       {"who", first ? first->registered_by_name : ""},
                                       {"at", first ? format_japanese_date_time(first->registered_at) : ""}}});
        }
        received.id = *id;
        TRY(parts_.audit.append(tx, actor, entry_of("report.receive", received, "", "waiting"), now));
        return *id;
    });
}

Result<std::vector<ReceivedReport>> ProxyReportService::waiting(const Principal& principal, Instant now) {
    return gathered<ReceivedReport>(parts_, principal, now,
                                    [&](db::Transaction& tx) { return store_.waiting(tx, limits::kReceivedShown); });
}

Result<std::vector<ReceivedReport>> ProxyReportService::finished_today(const Principal& principal, Instant now) {
    return gathered<ReceivedReport>(parts_, principal, now, [&](db::Transaction& tx) {
        return store_.finished_since(tx, begin_of(date_at(now)), limits::kFinishedShown);
    });
}

Result<std::int64_t> ProxyReportService::count_waiting(const Principal& principal, Instant now) {
    return added_up(parts_, principal, now, [&](db::Transaction& tx) { return store_.count_waiting(tx); });
}

Result<ReceivedReport> ProxyReportService::wanted(db::Transaction& tx, std::int64_t id) const {
    auto found = TRY(store_.find(tx, id));
    return found ? Result<ReceivedReport>(std::move(*found)) : hidden();
}

// --- typing ---

Result<ReceivedForm> ProxyReportService::form(const Principal& principal, std::int64_t id, Instant now) {
    return within(parts_, principal, now, [&](db::Transaction& tx, const Actor&) -> Result<ReceivedForm> {
        auto received = TRY(wanted(tx, id));
        ReceivedForm out{.received = std::move(received), .reported = std::nullopt, .before = std::nullopt};
        const auto place = out.received.organization;
        out.reported = TRY(reports_.find_latest(tx, place, out.received.date));
        out.before = TRY(parts_.reports.day_before(tx, place, out.received.date));
        out.may_correct = parts_.reports.correctable_within(tx, principal, place, out.received.date, now).has_value();
        return out;
    });
}

Result<int> ProxyReportService::save(const Principal& principal, std::int64_t id, int seen_version, const Typed& typed,
                                     Instant now) {
    return within(parts_, principal, now, [&](db::Transaction& tx, const Actor&) -> Result<int> {
        const auto received = TRY(wanted(tx, id));
        if (received.version != seen_version || !TRY(store_.save(tx, id, seen_version, typed))) {
            return changed();
        }
        return seen_version + 1;
    });
}

Result<Read> ProxyReportService::read(const Principal& principal, std::int64_t id, Instant now) {
    return within(parts_, principal, now, [&](db::Transaction& tx, const Actor&) -> Result<Read> {
        const auto received = TRY(wanted(tx, id));
        return parts_.reports.read_within(tx, received.organization, received.date,
                                          received.typed.value_or(nothing_typed()));
    });
}

Result<Report> ProxyReportService::submit_typed(db::Transaction& tx, const Actor& actor, const Principal& principal,
                                                const ReceivedReport& received, std::optional<ReportKind> kind,
                                                Instant now) const {
    AgeBandCounts counts;
    nlohmann::json warned = nlohmann::json::array();
    if (!kind) {
        const auto read = TRY(parts_.reports.read_within(tx, received.organization, received.date,
                                                         received.typed.value_or(nothing_typed())));
        if (read.error || read.unconfirmed) {
            return failure(read.error ? *read.error : *read.unconfirmed);
        }
        counts = read.counts;
        warned = to_json(read.warnings);
    }
    // The organization's own press takes its draft first, then the report: so do we, or the two would wait for each
    // other.
    TRY(reports_.lock_draft(tx, received.organization, received.date));
    auto report = TRY(parts_.reports.report_within(tx, actor,
                                                   {.organization = received.organization,
                                                    .organization_name = received.organization_name,
                                                    .organization_path = received.organization_path,
                                                    .date = received.date,
                                                    .kind = kind.value_or(kind_of(counts)),
                                                    .counts = counts,
                                                    .account = principal.account,
                                                    .account_name = principal.name,
                                                    .channel = std::string(to_text(ReportChannel::screen)),
                                                    .opened_at = received.registered_at,
                                                    .submitted_at = now,
                                                    .key = "proxy-" + std::to_string(received.id),
                                                    .warnings = std::move(warned),
                                                    .proxy = received.proxy},
                                                   std::nullopt));
    if (!TRY(store_.finish(tx, received.id, {ReceivedState::reported, "", report.id}, principal.account, principal.name,
                           now))) {
        return changed();
    }
    return report;
}

Result<Report> ProxyReportService::submit_within(db::Transaction& tx, const Principal& principal,
                                                 const FiguresForOthers& figures, Instant now) const {
    const auto place = TRY(target(tx, principal, figures.organization, now));
    const auto desk = desk_of(principal, place.path, now);
    auto warned = to_json(TRY(parts_.reports.warnings_within(tx, place.id, figures.date, figures.counts)));
    Actor actor = directory::as_oneself(principal);
    actor.organization = desk.id;
    TRY(reports_.lock_draft(tx, place.id, figures.date));  // as above
    return parts_.reports.report_within(tx, actor,
                                        {.organization = place.id,
                                         .organization_name = place.name,
                                         .organization_path = place.path,
                                         .date = figures.date,
                                         .kind = figures.kind,
                                         .counts = figures.counts,
                                         .account = principal.account,
                                         .account_name = principal.name,
                                         .channel = std::string(to_text(ReportChannel::import)),
                                         .opened_at = figures.received_at,
                                         .submitted_at = now,
                                         .key = figures.key,
                                         .warnings = std::move(warned),
                                         .proxy = ProxyEntry{.organization = desk.id,
                                                             .organization_name = desk.name,
                                                             .by = ReceivedBy::other,
                                                             .received_at = figures.received_at,
                                                             .note = figures.note}},
                                        std::nullopt);
}

Result<Report> ProxyReportService::submit(const Principal& principal, std::int64_t id, int seen_version,
                                          std::optional<ReportKind> kind, Instant now) {
    auto result = within(parts_, principal, now, [&](db::Transaction& tx, const Actor& actor) -> Result<Report> {
        const auto received = TRY(store_.lock(tx, id));
        if (!received) {
            return hidden();
        }
        if (received->state == ReceivedState::reported) {
            auto done = TRY(reports_.find_by_receipt(tx, received->organization, received->receipt));
            return done ? Result<Report>(std::move(*done)) : hidden();  // pressed twice
        }
        if (received->state != ReceivedState::waiting || received->version != seen_version) {
            return changed();
        }
        return submit_typed(tx, actor, principal, *received, kind, now);
    });
    if (!result) {
        parts_.audit.refused(directory::as_oneself(principal), attempt_of(principal, "report.submit", id),
                             result.error(), now);
    }
    return result;
}

Result<Report> ProxyReportService::correct(const Principal& principal, std::int64_t id, int seen_version,
                                           int seen_report, const std::string& reason, Instant now) {
    const auto why = TRY(checked_reason("reason", reason));
    const auto current = TRY(form(principal, id, now));
    if (current.received.state != ReceivedState::waiting || current.received.version != seen_version) {
        return changed();
    }
    const auto typed = TRY(read(principal, id, now));
    if (typed.error || typed.unconfirmed) {
        return failure(typed.error ? *typed.error : *typed.unconfirmed);
    }
    auto report = TRY(parts_.reports.correct(principal,
                                             {.organization = current.received.organization,
                                              .date = current.received.date,
                                              .seen_version = seen_report,
                                              .kind = kind_of(typed.counts),
                                              .counts = typed.counts,
                                              .reason = why,
                                              .proxy = current.received.proxy},
                                             now));
    // A server that dies right here leaves an entry that waits although what it says is reported: its page says that
    // both are the same, and it is ticked off there.
    TRY(within(parts_, principal, now, [&](db::Transaction& tx, const Actor& actor) -> Result<bool> {
        TRY(parts_.audit.append(tx, actor, entry_of("report.received_end", current.received, why, "corrected"), now));
        return store_.finish(tx, id, {ReceivedState::corrected, why, report.id}, principal.account, principal.name,
                             now);
    }));
    return report;
}

Result<void> ProxyReportService::finish(const Principal& principal, std::int64_t id, ReceivedState state,
                                        const std::string& reason, Instant now) {
    const auto why =
        state == ReceivedState::same ? Result<std::string>(std::string()) : checked_reason("reason", reason);
    TRY(why);
    return within(parts_, principal, now, [&](db::Transaction& tx, const Actor& actor) -> Result<void> {
        const auto received = TRY(store_.lock(tx, id));
        if (!received) {
            return hidden();
        }
        if (!TRY(store_.finish(tx, id, {state, *why, std::nullopt}, principal.account, principal.name, now))) {
            return changed();
        }
        return parts_.audit.append(tx, actor, entry_of("report.received_end", *received, *why, to_text(state)), now);
    });
}

// --- review ---

Result<std::vector<Report>> ProxyReportService::unusual(const Principal& principal, Instant now) {
    return gathered<Report>(parts_, principal, now,
                            [&](db::Transaction& tx) { return store_.unusual(tx, limits::kReviewsShown); });
}

Result<std::int64_t> ProxyReportService::count_unusual(const Principal& principal, Instant now) {
    return added_up(parts_, principal, now, [&](db::Transaction& tx) { return store_.count_unusual(tx); });
}

Result<ProxyReportService::ToReview> ProxyReportService::to_review(const Principal& principal, std::int64_t report,
                                                                   Instant now) {
    return within(parts_, principal, now, [&](db::Transaction& tx, const Actor&) -> Result<ToReview> {
        auto found = TRY(store_.find_report(tx, report));
        if (!found) {
            return hidden();
        }
        ToReview out{.report = std::move(*found), .phone = {}, .before = std::nullopt};
        out.phone = TRY(parts_.organizations.get(tx, out.report.organization)).phone;
        out.before = TRY(parts_.reports.day_before(tx, out.report.organization, out.report.date));
        out.may_correct =
            parts_.reports.correctable_within(tx, principal, out.report.organization, out.report.date, now).has_value();
        return out;
    });
}

Result<void> ProxyReportService::review(const Principal& principal, std::int64_t report,
                                        const ProxyReportStore::Review& review, Instant now) {
    auto made = review;
    if (made.state == "asked") {
        made.note = TRY(checked_reason("note", review.note));
    } else {
        made.state = "seen";
        made.note = fold_width(review.note);
    }
    return within(parts_, principal, now, [&](db::Transaction& tx, const Actor& actor) -> Result<void> {
        const auto found = TRY(store_.find_report(tx, report));
        if (!found) {
            return hidden();
        }
        if (!TRY(store_.review(tx, report, made, principal.account, principal.name, now))) {
            return failure(ErrorKind::conflict, "changed_meanwhile");
        }
        return parts_.audit.append(tx, actor,
                                   {.action = "report.review",
                                    .organization_path = found->organization_path,
                                    .target_kind = "organization",
                                    .target_id = found->organization.value,
                                    .target_name = found->organization_name,
                                    .reason = made.note,
                                    .before = {{"state", found->review_state}},
                                    .after = {{"state", made.state}, {"receipt", found->receipt}}},
                                   now);
    });
}

}  // namespace madoguchi::reports
