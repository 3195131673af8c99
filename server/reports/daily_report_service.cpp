#include "reports/daily_report_service.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "base/field_errors.hpp"
#include "base/japanese_text.hpp"
#include "base/limits.hpp"
#include "crypto/hmac.hpp"

namespace madoguchi::reports {
namespace {

using directory::Permission;

tl::unexpected<Error> hidden() {
    return failure(ErrorKind::not_found, "not_found");
}

audit::Entry attempt_of(const std::string& action, const OrganizationRef& place, ReportDate date) {
    return {.action = action,
            .organization_path = place.path,
            .target_kind = "organization",
            .target_id = place.id.value,
            .target_name = place.name,
            .reason = {},
            .before = nullptr,
            .after = {{"report_date", to_text(date)}}};
}

nlohmann::json figures(const Report& report) {
    nlohmann::json out = {{"report_date", to_text(report.date)},
                          {"version", report.version},
                          {"kind", to_text(report.kind)},
                          {"counts", report.counts.of},
                          {"total", report.counts.total()},
                          {"receipt", report.receipt},
                          {"late", report.late},
                          {"warnings", report.warnings.size()}};
    if (report.proxy) {
        out["proxy"] = {{"organization", report.proxy->organization_name},
                        {"received_by", to_text(report.proxy->by)},
                        {"received_at", format_rfc3339_japan(report.proxy->received_at)}};
    }
    return out;
}

Result<std::optional<Adjustment>> parse_adjustment(const Typed& typed) {
    if (typed.adjusted_date.empty()) {
        return std::nullopt;
    }
    const auto date = report_date(typed.adjusted_date);
    if (!date) {
        return invalid_field("adjusted_date", "adjustment_date",
                             {{"days", std::to_string(limits::kReportHistoryDays)}});
    }
    auto differences = TRY(parse_differences(typed.differences));
    return Adjustment{
        .date = *date, .differences = std::move(differences), .reason = fold_width(typed.adjustment_reason)};
}

std::string screen_key(const Principal& principal, Instant opened_at) {
    return "screen-" + std::to_string(principal.account.value) + "-" + std::to_string(to_microseconds(opened_at));
}

bool same_content(const Report& one, const Report& other) {
    return one.date == other.date && one.kind == other.kind && one.counts == other.counts;
}

}  // namespace

AgeBandCounts adjusted(const std::vector<PastDay>& days, const std::vector<BookedAdjustment>& adjustments,
                       ReportDate date) {
    AgeBandCounts out;
    if (const auto found = std::ranges::find(days, date, &PastDay::date); found != days.end()) {
        out = found->counts;
    }
    for (const auto& booked : adjustments) {
        for (std::size_t band = 0; booked.adjustment.date == date && band < kAgeBands; ++band) {
            out.of.at(band) += booked.adjustment.differences.of.at(band);
        }
    }
    return out;
}

ReportDate first_sendable(Instant now) {
    return date_at(now - limits::kReportSentLate);
}

Error already_reported(const Report& report) {
    return {.kind = ErrorKind::conflict,
            .message_id = "already_reported",
            .values = {{"receipt", report.receipt},
                       {"who", reporter_of(report)},
                       {"at", format_japanese_date_time(report.submitted_at)},
                       {"date", format_japanese_date_time(begin_of(report.date)).substr(0, 10)}}};
}

nlohmann::json to_json(const std::vector<Warning>& warnings) {
    auto out = nlohmann::json::array();
    for (const auto& warning : warnings) {
        out.push_back({{"kind", to_text(warning.kind)},
                       {"band", warning.band ? nlohmann::json(kBandNames.at(*warning.band)) : nlohmann::json(nullptr)},
                       {"values", warning.values}});
    }
    return out;
}

std::vector<Warning> warnings_from(const nlohmann::json& stored) {
    std::vector<Warning> out;
    for (const auto& one : stored) {
        const auto kind = warning_kind(one.value("kind", ""));
        if (!kind) {
            continue;
        }
        Warning warning{.kind = *kind, .band = std::nullopt, .values = one.at("values")};
        if (one.at("band").is_string()) {
            const auto name = one.at("band").get<std::string>();
            const auto found = std::ranges::find(kBandNames, name);
            warning.band = static_cast<std::size_t>(found - kBandNames.begin()) % kAgeBands;
        }
        out.push_back(std::move(warning));
    }
    return out;
}

// --- who, and when the form was opened ---

Result<OrganizationRef> DailyReportService::place_of(const Principal& principal, Instant now) const {
    const OrganizationRef* found = nullptr;
    for (const auto& grant : principal.grants) {
        const bool mine = directory::gives(principal, grant, Permission::report_own, now) &&
                          directory::may(principal, Permission::report_own, grant.organization, now);
        if (mine && (found == nullptr || grant.organization.id == principal.home.id)) {
            found = &grant.organization;
        }
    }
    if (found == nullptr) {
        return failure(ErrorKind::forbidden, "forbidden", "no grant gives report_own");
    }
    return *found;
}

Result<Actor> DailyReportService::actor_for(const Principal& principal, Instant now) const {
    const auto place = TRY(place_of(principal, now));
    Actor actor = directory::as_oneself(principal);
    actor.organization = place.id;
    actor.jurisdiction = Jurisdiction(place.path);
    return actor;
}

Opening DailyReportService::open(OrganizationId organization, Instant at) const {
    const std::string plain = std::to_string(organization.value) + "." + std::to_string(to_microseconds(at));
    const auto seal = crypto::hmac_sha256(parts_.token_key, "report-opening:" + plain);
    return {.organization = organization, .at = at, .sealed = plain + "." + to_base64url(seal)};
}

Result<Opening> DailyReportService::opening(const std::string& sealed, Instant now) const {
    const auto first = sealed.find('.');
    const auto second = first == std::string::npos ? first : sealed.find('.', first + 1);
    constexpr std::size_t kDigits = 18;
    const auto all_digits = [](std::string_view text) {
        return !text.empty() && text.size() <= kDigits &&
               std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
    };
    if (second != std::string::npos && all_digits(sealed.substr(0, first)) &&
        all_digits(sealed.substr(first + 1, second - first - 1))) {
        auto read = open({std::stoll(sealed.substr(0, first))},
                         from_microseconds(std::stoll(sealed.substr(first + 1, second - first - 1))));
        if (crypto::equal_in_constant_time(read.sealed, sealed)) {
            TRY(may_submit(read.date(), now));
            return read;
        }
    }
    return failure(ErrorKind::conflict, "report_too_late", "the form's opening is not ours");
}

// --- the form ---

Result<std::vector<PastDay>> DailyReportService::past(db::Transaction& tx, OrganizationId organization,
                                                      ReportDate date) const {
    return store_.past_days(tx, organization, days_before(date, limits::kReportUsualDays), days_before(date, 1));
}

Result<void> DailyReportService::check_within(db::Transaction& tx, OrganizationId organization, ReportDate date,
                                              const Adjustment& adjustment, const std::vector<PastDay>& days) const {
    const auto booked = TRY(store_.adjustments(tx, organization, days_before(date, limits::kReportHistoryDays)));
    return reports::check_adjustment(adjustment, date, adjusted(days, booked, adjustment.date));
}

Result<std::optional<PastDay>> DailyReportService::day_before(db::Transaction& tx, OrganizationId organization,
                                                              ReportDate date) const {
    const auto before = TRY(past(tx, organization, date));
    const auto found = std::ranges::find_if(before, [](const PastDay& day) { return day.kind != ReportKind::closed; });
    return found == before.end() ? std::nullopt : std::optional(*found);
}

Result<Read> DailyReportService::read_within(db::Transaction& tx, OrganizationId organization, ReportDate date,
                                             const Typed& typed) const {
    Read out;
    const auto before = TRY(past(tx, organization, date));
    FieldErrors errors;
    const auto counts = errors.take(parse_counts(typed.bands));
    auto adjustment = errors.take(parse_adjustment(typed));
    if (adjustment && *adjustment) {
        const auto checked = check_within(tx, organization, date, **adjustment, before);
        if (!checked && checked.error().kind != ErrorKind::invalid) {
            return failure(checked.error());
        }
        if (!checked) {
            errors.add("adjustment", "adjustment_refused");
        }
        out.adjustment = **adjustment;
    }
    if (auto read = std::move(errors).result(); !read) {
        out.error = read.error();
        return out;
    }
    out.counts = *counts;
    out.warnings = warnings(out.counts, date, before);
    if (auto again = confirmed(out.counts, out.warnings, typed.again, typed.total_again); !again) {
        out.unconfirmed = again.error();
    }
    return out;
}

Result<Read> DailyReportService::read(const Principal& principal, ReportDate date, const Typed& typed, Instant now) {
    const Actor actor = TRY(actor_for(principal, now));
    return parts_.database.transact(
        actor, [&](db::Transaction& tx) { return read_within(tx, actor.organization, date, typed); });
}

Result<void> DailyReportService::check_adjustment(const Principal& principal, ReportDate date, const Typed& typed,
                                                  Instant now) {
    const auto adjustment = TRY(parse_adjustment(typed));
    if (!adjustment) {
        return invalid_field("adjusted_date", "adjustment_date",
                             {{"days", std::to_string(limits::kReportHistoryDays)}});
    }
    const Actor actor = TRY(actor_for(principal, now));
    return parts_.database.transact(actor, [&](db::Transaction& tx) -> Result<void> {
        const auto before = TRY(past(tx, actor.organization, date));
        return check_within(tx, actor.organization, date, *adjustment, before);
    });
}

Result<Entry> DailyReportService::entry(const Principal& principal, std::optional<ReportDate> date, Instant now) {
    const auto place = TRY(place_of(principal, now));
    const Actor actor = TRY(actor_for(principal, now));
    const ReportDate today = date_at(now);
    return parts_.database.transact(actor, [&](db::Transaction& tx) -> Result<Entry> {
        const ReportDate day = date.value_or(today);
        auto draft = TRY(store_.find_draft(tx, place.id, day));
        if (day != today && !draft) {
            return hidden();
        }
        TRY(may_submit(day, now));
        auto report = TRY(store_.find_latest(tx, place.id, day));
        Entry out{.place = place,
                  .opening = open(place.id, draft ? draft->opened_at : now),
                  .draft = {.organization = place.id, .date = day, .opened_at = now},
                  .report = std::move(report),
                  .before = std::nullopt,
                  .unsent = {}};
        if (draft) {
            out.draft = std::move(*draft);
        }
        out.before = TRY(day_before(tx, place.id, day));
        out.unsent = TRY(store_.own_waiting(tx, place.id, first_sendable(now)));
        std::erase_if(out.unsent, [&](const Draft& other) { return other.date == day; });
        return out;
    });
}

Result<Draft> DailyReportService::save(const Principal& principal, const SaveDraft& command, Instant now) {
    const Actor actor = TRY(actor_for(principal, now));
    if (command.opening.organization != actor.organization) {
        return hidden();
    }
    const ReportDate date = command.opening.date();
    TRY(may_submit(date, now));
    return parts_.database.transact(actor, [&](db::Transaction& tx) -> Result<Draft> {
        if (const auto done = TRY(store_.find_latest(tx, actor.organization, date))) {
            return failure(already_reported(*done));
        }
        Draft draft{.organization = actor.organization,
                    .organization_name = {},
                    .date = date,
                    .version = command.seen_version,
                    .typed = command.typed,
                    .total = readable_total(command.typed.bands),
                    .opened_at = command.opening.at,
                    .saved_at = now,
                    .account = principal.account,
                    .account_name = principal.name,
                    .submitted_at = std::nullopt};
        const auto version = TRY(store_.save_draft(tx, draft));
        if (!version) {
            return failure(ErrorKind::conflict, "draft_changed");
        }
        draft.version = *version;
        return draft;
    });
}

// --- reporting ---

// Nothing was inserted: a report of that day is there, or this very request came before.
Result<Report> DailyReportService::winner(db::Transaction& tx, const Report& ours) const {
    if (auto same = TRY(store_.find_by_key(tx, ours.organization, ours.key))) {
        if (same_content(*same, ours)) {
            return std::move(*same);
        }
        return failure(ErrorKind::conflict, "idempotency_key_reused");
    }
    const auto first = TRY(store_.find_latest(tx, ours.organization, ours.date));
    if (!first) {
        return failure(ErrorKind::unavailable, "unavailable", "a receipt number was taken: more than a million today");
    }
    return failure(already_reported(*first));
}

Result<Report> DailyReportService::report_within(db::Transaction& tx, const Actor& actor, Report report,
                                                 const std::optional<Adjustment>& adjustment) const {
    report.deadline_at = deadline_of(report.date, parts_.policy);
    auto stored = TRY(store_.insert(tx, report));
    if (!stored) {
        return winner(tx, report);
    }
    if (adjustment) {
        TRY(store_.insert_adjustment(tx, *stored, *adjustment));
    }
    auto after = figures(*stored);
    if (adjustment) {
        after["adjustment"] = {{"date", to_text(adjustment->date)}, {"differences", adjustment->differences.of}};
    }
    TRY(parts_.audit.append(tx, actor,
                            {.action = "report.submit",
                             .organization_path = stored->organization_path,
                             .target_kind = "organization",
                             .target_id = stored->organization.value,
                             .target_name = stored->organization_name,
                             .reason = adjustment ? adjustment->reason : "",
                             .before = nullptr,
                             .after = std::move(after)},
                            report.submitted_at));
    return std::move(*stored);
}

Result<Report> DailyReportService::submit_draft(const Principal& principal, ReportDate date, int seen_version,
                                                Instant now) {
    const auto place = TRY(place_of(principal, now));
    const Actor actor = TRY(actor_for(principal, now));
    return parts_.audit.audited(actor, attempt_of("report.submit", place, date), now,
                                [&](db::Transaction& tx) -> Result<Report> {
                                    const auto draft = TRY(store_.lock_draft(tx, place.id, date));
                                    if (!draft || draft->submitted_at) {
                                        const auto done = TRY(store_.find_latest(tx, place.id, date));
                                        if (done && draft && done->key == screen_key(principal, draft->opened_at)) {
                                            return *done;  // pressed twice
                                        }
                                        return done ? failure(already_reported(*done)) : hidden();
                                    }
                                    TRY(may_submit(date, now));
                                    if (draft->version != seen_version) {
                                        return failure(ErrorKind::conflict, "draft_changed");
                                    }
                                    auto read = TRY(read_within(tx, place.id, date, draft->typed));
                                    if (read.error || read.unconfirmed) {
                                        return failure(read.error ? *read.error : *read.unconfirmed);
                                    }
                                    return report_within(tx, actor,
                                                         {.organization = place.id,
                                                          .organization_name = place.name,
                                                          .organization_path = place.path,
                                                          .date = date,
                                                          .kind = kind_of(read.counts),
                                                          .counts = read.counts,
                                                          .account = principal.account,
                                                          .account_name = principal.name,
                                                          .channel = std::string(to_text(ReportChannel::screen)),
                                                          .opened_at = draft->opened_at,
                                                          .submitted_at = now,
                                                          .key = screen_key(principal, draft->opened_at),
                                                          .warnings = to_json(read.warnings)},
                                                         read.adjustment);
                                });
}

Result<std::vector<Warning>> DailyReportService::warnings_within(db::Transaction& tx, OrganizationId organization,
                                                                 ReportDate date, const AgeBandCounts& counts) const {
    return warnings(counts, date, TRY(past(tx, organization, date)));
}

Result<Report> DailyReportService::submit_within(db::Transaction& tx, const Principal& principal,
                                                 const SubmitReport& command, ReportChannel channel,
                                                 Instant now) const {
    const auto place = TRY(place_of(principal, now));
    const Actor actor = TRY(actor_for(principal, now));
    if (auto allowed = may_submit(command.date, now); !allowed) {
        // The answer to the first attempt may have been lost, however long ago that was.
        auto same = TRY(store_.find_by_key(tx, place.id, command.key));
        const bool retried = same && same->date == command.date && same->counts == command.counts;
        return retried ? Result<Report>(std::move(*same)) : failure(allowed.error());
    }
    const auto before = TRY(past(tx, place.id, command.date));
    if (command.adjustment) {
        TRY(check_within(tx, place.id, command.date, *command.adjustment, before));
    }
    return report_within(tx, actor,
                         {.organization = place.id,
                          .organization_name = place.name,
                          .organization_path = place.path,
                          .date = command.date,
                          .kind = command.kind,
                          .counts = command.counts,
                          .account = principal.account,
                          .account_name = principal.name,
                          .channel = std::string(to_text(channel)),
                          .opened_at = now,
                          .submitted_at = now,
                          .key = command.key,
                          .warnings = to_json(warnings(command.counts, command.date, before))},
                         command.adjustment);
}

Result<Report> DailyReportService::submit(const Principal& principal, const SubmitReport& command,
                                          ReportChannel channel, Mode mode, Instant now) {
    const auto place = TRY(place_of(principal, now));
    const Actor actor = TRY(actor_for(principal, now));
    return parts_.audit.audited(actor, attempt_of("report.submit", place, command.date), now,
                                [&](db::Transaction& tx) -> Result<Report> {
                                    auto done = TRY(submit_within(tx, principal, command, channel, now));
                                    if (mode == Mode::dry_run) {
                                        tx.discard();
                                        done.receipt.clear();
                                    }
                                    return done;
                                });
}

Result<Report> DailyReportService::submit_nothing(const Principal& principal, const Opening& opening, int seen_version,
                                                  ReportKind kind, Instant now) {
    const auto place = TRY(place_of(principal, now));
    if (opening.organization != place.id) {
        return hidden();
    }
    const Actor actor = TRY(actor_for(principal, now));
    const ReportDate date = opening.date();
    TRY(may_submit(date, now));
    return parts_.audit.audited(actor, attempt_of("report.submit", place, date), now,
                                [&](db::Transaction& tx) -> Result<Report> {
                                    const auto draft = TRY(store_.lock_draft(tx, place.id, date));
                                    std::optional<Adjustment> adjustment;
                                    if (draft && !draft->submitted_at) {
                                        if (draft->version != seen_version) {
                                            return failure(ErrorKind::conflict, "draft_changed");
                                        }
                                        Typed only_adjustment = draft->typed;
                                        only_adjustment.bands = nothing_typed().bands;
                                        const auto read = TRY(read_within(tx, place.id, date, only_adjustment));
                                        if (read.error) {
                                            return failure(*read.error);
                                        }
                                        adjustment = read.adjustment;
                                    }
                                    return report_within(tx, actor,
                                                         {.organization = place.id,
                                                          .organization_name = place.name,
                                                          .organization_path = place.path,
                                                          .date = date,
                                                          .kind = kind,
                                                          .counts = {},
                                                          .account = principal.account,
                                                          .account_name = principal.name,
                                                          .channel = std::string(to_text(ReportChannel::screen)),
                                                          .opened_at = opening.at,
                                                          .submitted_at = now,
                                                          .key = screen_key(principal, opening.at)},
                                                         adjustment);
                                });
}

// --- corrections ---

Result<std::vector<Actor>> DailyReportService::correctors(const Principal& principal, Instant now) const {
    std::vector<Actor> out;
    for (const auto permission : {Permission::correct_reports, Permission::report_proxy, Permission::report_own}) {
        if (auto some = directory::acting(principal, permission, now)) {
            std::ranges::move(*some, std::back_inserter(out));
        }
    }
    if (out.empty()) {
        return failure(ErrorKind::forbidden, "forbidden", "no grant gives corrections");
    }
    return out;
}

Result<Report> DailyReportService::correctable_within(db::Transaction& tx, const Principal& principal,
                                                      OrganizationId organization, ReportDate date, Instant now) const {
    auto report = TRY(store_.find_latest(tx, organization, date));
    if (!report) {
        return hidden();
    }
    const OrganizationRef target{.id = organization, .path = report->organization_path, .name = {}};
    const bool above = directory::may(principal, Permission::correct_reports, target, now) ||
                       directory::may(principal, Permission::report_proxy, target, now);
    const bool own = directory::may(principal, Permission::report_own, target, now);
    if (!above && !own) {
        return hidden();
    }
    auto allowed = above ? may_correct(parts_.policy, Corrector::above, date, now)
                         : failure(ErrorKind::forbidden, "correction_not_by_policy");
    if (!allowed && own) {
        allowed = may_correct(parts_.policy, Corrector::own, date, now);
    }
    TRY(std::move(allowed));
    return std::move(*report);
}

Result<Report> DailyReportService::correctable(const Principal& principal, OrganizationId organization, ReportDate date,
                                               Instant now) {
    Result<Report> result = hidden();
    for (const Actor& actor : TRY(correctors(principal, now))) {
        result = parts_.database.transact(
            actor, [&](db::Transaction& tx) { return correctable_within(tx, principal, organization, date, now); });
        if (result || result.error().kind != ErrorKind::not_found) {
            break;
        }
    }
    return result;
}

Result<Report> DailyReportService::correct(const Principal& principal, const CorrectReport& command, Instant now) {
    FieldErrors errors;
    const auto reason = fold_width(command.reason);
    if (reason.empty()) {
        errors.add("reason", "required");
    } else if (code_points(reason) > limits::kReasonCodePoints) {
        errors.add("reason", "too_long", {{"maximum", std::to_string(limits::kReasonCodePoints)}});
    }
    TRY(std::move(errors).result());
    const auto correct_as = [&](const Actor& actor) {
        return parts_.database.transact(actor, [&](db::Transaction& tx) -> Result<Report> {
            const auto before = TRY(correctable_within(tx, principal, command.organization, command.date, now));
            if (before.version != command.seen_version) {
                return failure(ErrorKind::conflict, "changed_meanwhile");
            }
            Report next = before;
            next.version = before.version + 1;
            next.kind = command.kind;
            next.counts = command.counts;
            next.reason = reason;
            next.account = principal.account;
            next.account_name = principal.name;
            next.submitted_at = now;
            next.opened_at = now;
            next.proxy = command.proxy;
            next.review_state = "open";
            next.review_note.clear();
            next.key = "correction-" + before.receipt;  // of two corrections of one version, one is made
            next.warnings = to_json(warnings(next.counts, next.date, TRY(past(tx, next.organization, next.date))));
            auto stored = TRY(store_.insert(tx, next));
            if (!stored) {
                return failure(ErrorKind::conflict, "changed_meanwhile");
            }
            TRY(parts_.audit.append(tx, actor,
                                    {.action = "report.correct",
                                     .organization_path = stored->organization_path,
                                     .target_kind = "organization",
                                     .target_id = stored->organization.value,
                                     .target_name = stored->organization_name,
                                     .reason = reason,
                                     .before = figures(before),
                                     .after = figures(*stored)},
                                    now));
            return std::move(*stored);
        });
    };
    Result<Report> result = hidden();
    for (const Actor& actor : TRY(correctors(principal, now))) {
        result = correct_as(actor);
        if (result || result.error().kind != ErrorKind::not_found) {
            break;
        }
    }
    if (!result) {
        parts_.audit.refused(directory::as_oneself(principal),
                             {.action = "report.correct",
                              .organization_path = principal.home.path,
                              .target_kind = "organization",
                              .target_id = command.organization.value,
                              .target_name = {},
                              .reason = reason,
                              .before = nullptr,
                              .after = {{"report_date", to_text(command.date)}}},
                             result.error(), now);
    }
    return result;
}

}  // namespace madoguchi::reports
