// One organization over four weeks with its weekdays, messages to those whose report is missing, the list as a file.
#include <algorithm>

#include "base/completeness_limits.hpp"
#include "base/file_limits.hpp"
#include "directory/file_pages.hpp"
#include "http/json_reader.hpp"
#include "reports/completeness_pages.hpp"
#include "reports/completeness_views_pages.hpp"
#include "reports/report_views_pages.hpp"

namespace madoguchi::reports {

using http::Response;

namespace {

OrganizationId organization_id(const http::Request& request) {
    return {http::parse_identifier(request.path_parameter("id")).value_or(0)};
}

// Named once each, as the boxes of a page give them.
std::vector<OrganizationId> selected(const http::Fields& fields) {
    std::vector<OrganizationId> out;
    for (const auto& [name, value] : fields.all()) {
        const auto id = name == "org" ? http::parse_identifier(value) : std::nullopt;
        if (id && std::find(out.begin(), out.end(), OrganizationId{*id}) == out.end() &&
            out.size() < limits::kReminderSelection) {
            out.push_back({*id});
        }
    }
    return out;
}

Schedule schedule_in(const http::Fields& form) {
    Schedule out{.on = {}, .on_holidays = form.text("holidays") == "1"};
    for (std::size_t day = 0; day < out.on.size(); ++day) {
        out.on.at(day) = form.text("weekday_" + std::to_string(day + 1)) == "1";
    }
    return out;
}

std::string_view tone_of(Reminding state) {
    return state == Reminding::ready ? "is-info" : state == Reminding::nobody_reachable ? "is-warning" : "is-neutral";
}

std::string_view name_of(Reminding state) {
    constexpr std::array<std::string_view, 4> kNames = {"ready", "nothing_missing", "told_today", "nobody_reachable"};
    return kNames.at(static_cast<std::size_t>(state));
}

}  // namespace

// --- one organization ---

void CompletenessPages::show_schedule(render::View& page, const Request& request,
                                      const ReportScheduleService::Shown& shown, const Schedule& schedule) const {
    std::string days;
    auto& form = page.add(shown.may_change ? "SCHEDULE_FORM" : "SCHEDULE_ONLY");
    form.set("VERSION", std::to_string(shown.stored.version));
    for (std::size_t day = 0; day < schedule.on.size(); ++day) {
        const auto number = std::to_string(day + 1);
        const auto name = text(request, "weekday." + number);
        auto& box = form.add("WEEKDAY");
        box.set("WEEKDAY_NUMBER", number).set("WEEKDAY_NAME", name);
        if (schedule.on.at(day)) {
            box.show("WEEKDAY_ON");
            days += (days.empty() ? "" : text(request, "list.separator")) + name;
        }
    }
    if (schedule.on_holidays) {
        form.show("HOLIDAYS_ON");
    }
    page.set("SCHEDULE_DAYS", days.empty() ? text(request, "completeness.no_weekday") : days);
    page.show(schedule.on_holidays ? "ON_HOLIDAYS" : "NOT_ON_HOLIDAYS");
    page.show(shown.stored.version == 0 ? "USUAL_SCHEDULE" : "OWN_SCHEDULE");
}

void CompletenessPages::show_day(render::View& page, const Request& request, const OrganizationDays& found,
                                 ReportDate date) const {
    auto& row = page.add("DAY");
    row.set("DAY_DATE", shown_date(date, request.locale));
    show_mark(row, parts_.console, request, found.row.marks.at(date));
    const auto latest = std::find_if(found.reports.begin(), found.reports.end(),
                                     [&](const Report& report) { return report.date == date; });
    if (latest == found.reports.end()) {
        row.show("NO_REPORT");
        return;
    }
    auto& report = row.add("REPORT");
    report.set("REPORT_TOTAL", latest->kind == ReportKind::closed ? "—" : shown_count(latest->counts.total()));
    report.set("REPORT_AT", format_japanese_date_time(latest->submitted_at)).set("REPORT_BY", latest->account_name);
    report.set("RECEIPT", latest->receipt).set("DAY_ISO", to_text(latest->date));
    if (latest->version > 1) {
        report.add("CORRECTED").set("VERSIONS", std::to_string(latest->version));
    }
}

CompletenessPages::Page CompletenessPages::draw_organization(const Request& request, const Principal& principal,
                                                             OrganizationId id, const Schedule* typed,
                                                             const Error* error) {
    const auto found = TRY(parts_.completeness.organization(principal, id, request.now));
    const auto shown = TRY(parts_.schedules.show(principal, id, request.now));
    const auto& standing = found.row.standing;
    render::View page = parts_.console.view(request, principal, "completeness");
    directory::add_crumb(page, text(request, "nav.completeness"), "/completeness");
    page.set("PLACE", standing.organization.name).set("PLACE_ID", std::to_string(id.value));
    page.set("BACK", "/completeness/" + std::to_string(id.value));
    page.set("PHONE", standing.phone.empty() ? "—" : standing.phone);
    page.set("LAST_REPORT", standing.last_date ? shown_date(*standing.last_date, request.locale)
                                               : text(request, "completeness.concern_never"));
    page.set("RECEIVED", shown_count(found.row.received)).set("EXPECTED", shown_count(found.row.expected));
    page.set("ON_TIME", shown_count(found.row.on_time));
    show_concerns(page, parts_.console, request, found.row);
    if (may_remind(found.row, date_at(request.now))) {
        page.show("CAN_REMIND");
    }
    show_schedule(page, request, shown, typed == nullptr ? shown.stored.schedule : *typed);
    const auto& marks = found.row.marks;
    for (auto day = marks.rbegin(); day != marks.rend(); ++day) {
        show_day(page, request, found, day->first);
    }
    if (request.query.text("done") == "schedule") {
        directory::show_toast(page, text(request, "completeness.done_schedule"));
    }
    if (error != nullptr) {
        parts_.console.writer().explain(page, request, *error);
    }
    return parts_.console.writer().page(request, "completeness_organization", page, error == nullptr ? 200 : 409);
}

CompletenessPages::Page CompletenessPages::organization(const Request& request, const Principal& principal) {
    return draw_organization(request, principal, organization_id(request), nullptr, nullptr);
}

CompletenessPages::Page CompletenessPages::change_schedule(const Request& request, const Principal& principal) {
    const auto id = organization_id(request);
    const auto form = TRY(request.form());
    const auto schedule = schedule_in(form);
    const auto changed = parts_.schedules.change(principal, id, schedule, seen_version_in(form), request.now);
    if (!changed && changed.error().kind == ErrorKind::conflict) {
        return draw_organization(request, principal, id, &schedule, &changed.error());
    }
    TRY(changed);
    return Response::see_other("/completeness/" + std::to_string(id.value) + "?done=schedule");
}

// --- messages ---

CompletenessPages::Page CompletenessPages::confirm_reminders(const Request& request, const Principal& principal) {
    const auto found = TRY(parts_.missing.candidates(principal, selected(request.query), request.now));
    render::View page = parts_.console.view(request, principal, "completeness");
    directory::add_crumb(page, text(request, "nav.completeness"), "/completeness");
    int organizations = 0;
    int people = 0;
    for (const auto& candidate : found) {
        const auto& standing = candidate.row.standing;
        auto& row = page.add("ROW");
        row.set("ROW_NAME", standing.organization.name).set("ROW_ID", std::to_string(standing.organization.id.value));
        row.set("ROW_PHONE", standing.phone).set("ROW_TONE", tone_of(candidate.state));
        row.set("ROW_PEOPLE", std::to_string(candidate.people));
        row.set("ROW_STATE", text(request, "completeness.remind_" + std::string(name_of(candidate.state)),
                                  {{"people", std::to_string(candidate.people)},
                                   {"at", candidate.told ? format_japanese_time(candidate.told->at) : ""},
                                   {"who", candidate.told ? candidate.told->by : ""}}));
        show_concerns(row, parts_.console, request, candidate.row);
        if (candidate.state == Reminding::ready) {
            row.show("ROW_READY");
            ++organizations;
            people += candidate.people;
        }
    }
    page.set("ORGANIZATIONS", std::to_string(organizations)).set("PEOPLE", std::to_string(people));
    page.show(found.empty() ? "EMPTY" : "ROWS").show(organizations > 0 ? "CAN_SEND" : "CAN_NOT_SEND");
    return parts_.console.writer().page(request, "completeness_remind", page);
}

CompletenessPages::Page CompletenessPages::send_reminders(const Request& request, const Principal& principal) {
    int told = 0;
    for (const auto organization : selected(TRY(request.form()))) {
        const auto done = parts_.missing.remind(principal, organization, request.now);
        if (!done && done.error().kind != ErrorKind::conflict) {
            return failure(done.error());
        }
        told += done ? 1 : 0;
    }
    return Response::see_other("/completeness?done=reminded&told=" + std::to_string(told));
}

// --- the list as a file ---

CompletenessPages::Page CompletenessPages::as_csv(const Request& request, const Principal& principal) {
    auto question = completeness_question(request);
    question.limit = limits::kListFilePortion;
    std::vector<std::string> headings;
    for (const auto* id : {"id", "name", "kind", "last", "silent_days", "received", "expected", "on_time"}) {
        headings.push_back(text(request, "completeness_file." + std::string(id)));
    }
    for (ReportDate date = question.from; date <= question.to; date = days_before(date, -1)) {
        headings.push_back(to_text(date));
    }
    std::vector<std::vector<std::string>> rows;
    for (bool more = true; more;) {
        const auto found = TRY(parts_.completeness.rows(principal, question, request.now));
        for (const auto& row : found.rows) {
            const auto& standing = row.standing;
            std::vector<std::string> cells = {
                std::to_string(standing.organization.id.value),
                standing.organization.name,
                text(request, "organization_kind." + std::string(to_text(standing.organization.kind))),
                standing.last_date ? to_text(*standing.last_date) : "",
                std::to_string(row.silence.days),
                std::to_string(row.received),
                std::to_string(row.expected),
                std::to_string(row.on_time)};
            for (const auto& [date, mark] : row.marks) {
                cells.push_back(text(request, "day_mark." + std::string(to_text(mark))));
            }
            rows.push_back(std::move(cells));
        }
        if (rows.size() > static_cast<std::size_t>(limits::kListFileRows)) {
            return failure(Error{.kind = ErrorKind::invalid,
                                 .message_id = "list_too_long",
                                 .values = {{"maximum", std::to_string(limits::kListFileRows)}}});
        }
        more = found.more;
        question.after = found.rows.empty() ? OrganizationId{} : found.rows.back().standing.organization.id;
    }
    TRY(parts_.completeness.note_export(principal, "completeness", rows.size(), request.now));
    return directory::as_table(parts_.console, request, headings, rows, "madoguchi-completeness.csv");
}

}  // namespace madoguchi::reports
