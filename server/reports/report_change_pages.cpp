// What comes after a report: the adjustment of an earlier day, sent with today's report, and, where the policy lets
// one, the correction.
#include "reports/report_pages.hpp"

#include "base/limits.hpp"
#include "http/json_reader.hpp"
#include "http/problem.hpp"
#include "reports/report_views_pages.hpp"

namespace madoguchi::reports {

using http::Response;

namespace {

std::string entry_path(ReportDate date) {
    return "/report?date=" + to_text(date);
}

std::string bounded(const std::string& text) {
    constexpr std::size_t kBytes = limits::kReasonCodePoints * 4;
    return text.size() > kBytes ? std::string() : text;
}

TypedCounts as_typed(const AgeBandCounts& counts) {
    TypedCounts out;
    std::ranges::transform(counts.of, out.begin(), [](std::int64_t count) { return std::to_string(count); });
    return out;
}

}  // namespace

// --- adjustments ---

ReportPages::Page ReportPages::draw_adjustment(const Request& request, const Principal& principal, const Entry& entry,
                                               const Error* error) {
    auto page = view(request, principal);
    const auto& texts = parts_.writer.texts();
    const ReportDate date = entry.opening.date();
    const Typed& typed = entry.draft.typed;
    page.set("REPORT_DATE", shown_date(date, request.locale)).set("DAY", to_text(date));
    page.set("OPENING", entry.opening.sealed).set("VERSION", std::to_string(entry.draft.version));
    page.set("REASON", typed.adjustment_reason);
    for (int back = 1; back <= limits::kReportHistoryDays; ++back) {
        const ReportDate day = days_before(date, back);
        directory::add_option(page, "adjusted_date", to_text(day), shown_date(day, request.locale),
                              typed.adjusted_date);
    }
    show_fields(page, texts, request.locale, {typed, typed.differences, std::nullopt, nullptr, error});
    if (!typed.adjusted_date.empty() && error == nullptr) {
        page.show("CAN_DROP");
    }
    if (error != nullptr) {
        parts_.writer.explain(page, request, *error);
    }
    return parts_.writer.page(request, "report_adjustment", page,
                              error == nullptr ? 200 : http::status_of(error->kind));
}

ReportPages::Page ReportPages::adjustment(const Request& request, const Principal& principal) {
    const auto entry = TRY(parts_.service.entry(principal, date_in(request.query), request.now));
    if (entry.report) {
        return Response::see_other("/report");
    }
    return draw_adjustment(request, principal, entry, nullptr);
}

ReportPages::Page ReportPages::adjust(const Request& request, const Principal& principal) {
    const auto form = TRY(request.form());
    const auto opening = TRY(parts_.service.opening(form.text("opening"), request.now));
    auto entry = TRY(parts_.service.entry(principal, opening.date(), request.now));
    if (entry.report) {
        return Response::see_other("/report");
    }
    Typed& typed = entry.draft.typed;
    const bool drop = form.text("drop") == "1";
    typed.adjusted_date = drop ? "" : form.text("adjusted_date").substr(0, 10);
    typed.differences = drop ? TypedCounts{} : typed_in(form).bands;
    typed.adjustment_reason = drop ? "" : bounded(form.text("reason"));
    if (!drop) {
        const auto checked = parts_.service.check_adjustment(principal, opening.date(), entry.draft.typed, request.now);
        if (!checked) {
            return draw_adjustment(request, principal, entry, &checked.error());
        }
    }
    const auto saved = parts_.service.save(principal, {opening, seen_version_in(form), typed}, request.now);
    if (!saved && saved.error().message_id == "draft_changed") {
        const Error told{.kind = ErrorKind::conflict,
                         .message_id = "draft_changed",
                         .values = {{"who", entry.draft.account_name},
                                    {"at", format_japanese_time(entry.draft.saved_at)},
                                    {"total", shown_count(entry.draft.total)}}};
        return draw_adjustment(request, principal, entry, &told);
    }
    TRY(saved);
    return Response::see_other(entry_path(opening.date()));
}

// --- corrections ---

ReportPages::Page ReportPages::draw_correction(const Request& request, const Principal& principal, const Report& report,
                                               const http::Fields* typed, const Error* error) const {
    auto page = view(request, principal);
    const auto& texts = parts_.writer.texts();
    page.set("REPORT_DATE", shown_date(report.date, request.locale)).set("DAY", to_text(report.date));
    page.set("PLACE", report.organization_name).set("PLACE_ID", std::to_string(report.organization.value));
    page.set("VERSION", std::to_string(report.version)).set("RECEIPT", report.receipt);
    const auto place = parts_.service.place_of(principal, request.now);
    const bool own = place && place->id == report.organization;
    page.set("LEAVE", own ? "/report"
                          : "/report/versions?date=" + to_text(report.date) +
                                "&organization=" + std::to_string(report.organization.value));
    page.set("REASON", typed == nullptr ? "" : bounded(typed->text("reason")));
    Typed shown = nothing_typed();
    shown.bands = typed == nullptr ? as_typed(report.counts) : typed_in(*typed).bands;
    const PastDay before{report.date, report.kind, report.counts};
    show_fields(page, texts, request.locale, {shown, shown.bands, before, nullptr, error});
    page.set("TOTAL", shown_count(readable_total(shown.bands)));
    page.set("BEFORE_TOTAL", shown_count(report.counts.total()));
    if (error != nullptr) {
        parts_.writer.explain(page, request, *error);
    }
    page.set("BACK", "/report/correction?date=" + to_text(report.date) +
                         "&organization=" + std::to_string(report.organization.value));
    return parts_.writer.page(request, "report_correction", page,
                              error == nullptr ? 200 : http::status_of(error->kind));
}

namespace {

Result<OrganizationId> organization_in(const http::Fields& fields, const DailyReportService& service,
                                       const Principal& principal, Instant now) {
    if (const auto id = http::parse_identifier(fields.text("organization"))) {
        return OrganizationId{*id};
    }
    return TRY(service.place_of(principal, now)).id;
}

}  // namespace

ReportPages::Page ReportPages::correction(const Request& request, const Principal& principal) {
    const auto organization = TRY(organization_in(request.query, parts_.service, principal, request.now));
    const auto date = date_in(request.query).value_or(date_at(request.now));
    const auto report = TRY(parts_.service.correctable(principal, organization, date, request.now));
    return draw_correction(request, principal, report, nullptr, nullptr);
}

ReportPages::Page ReportPages::correct(const Request& request, const Principal& principal) {
    const auto form = TRY(request.form());
    const auto organization = TRY(organization_in(form, parts_.service, principal, request.now));
    const auto date = date_in(form).value_or(date_at(request.now));
    const auto report = TRY(parts_.service.correctable(principal, organization, date, request.now));
    const auto counts = parse_counts(typed_in(form).bands);
    if (!counts) {
        return draw_correction(request, principal, report, &form, &counts.error());
    }
    const auto made = parts_.service.correct(principal,
                                             {.organization = organization,
                                              .date = date,
                                              .seen_version = seen_version_in(form),
                                              .kind = kind_of(*counts),
                                              .counts = *counts,
                                              .reason = bounded(form.text("reason"))},
                                             request.now);
    if (!made) {
        const bool can_be_shown =
            made.error().kind == ErrorKind::invalid || made.error().message_id == "changed_meanwhile";
        return can_be_shown ? draw_correction(request, principal, report, &form, &made.error())
                            : Page(failure(made.error()));
    }
    const auto place = parts_.service.place_of(principal, request.now);
    const bool own = place && place->id == organization;
    return Response::see_other(own ? "/report/receipt?number=" + made->receipt
                                   : "/report/versions?done=corrected&date=" + to_text(date) +
                                         "&organization=" + std::to_string(organization.value));
}

}  // namespace madoguchi::reports
