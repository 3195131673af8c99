// The receipt, the history of seven days with every version, and the health centre's list of drafts.
#include "reports/report_pages.hpp"

#include "http/json_reader.hpp"
#include "reports/proxy_report_pages.hpp"
#include "reports/report_views_pages.hpp"

namespace madoguchi::reports {

using http::Response;

namespace {

void show_cells(render::View& row, const render::Texts& texts, Locale locale, const AgeBandCounts& counts) {
    for (std::size_t band = 0; band < kAgeBands; ++band) {
        const auto count = counts.of.at(band);
        auto& cell = row.add("CELL");
        cell.set("BAND_NAME", band_name(texts, locale, band)).set("COUNT", shown_count(count));
        if (count == 0) {
            cell.show("ZERO");
        }
    }
    row.set("TOTAL", shown_count(counts.total()));
}

void show_no_cells(render::View& row, const render::Texts& texts, Locale locale) {
    for (std::size_t band = 0; band < kAgeBands; ++band) {
        row.add("CELL").set("BAND_NAME", band_name(texts, locale, band)).set("COUNT", "—").show("ZERO");
    }
    row.set("TOTAL", "—");
}

void show_adjustment_row(render::View& page, const render::Texts& texts, Locale locale, const Adjustment& adjustment) {
    auto& row = page.add("ROW");
    row.show("IS_ADJUSTMENT").add("NOTE").set("NOTE_TEXT", adjustment.reason);
    row.set("ROW_DATE", texts.text("report_history.adjustment", locale, {{"date", month_and_day(adjustment.date)}}));
    for (std::size_t band = 0; band < kAgeBands; ++band) {
        auto& cell = row.add("CELL");
        cell.set("BAND_NAME", band_name(texts, locale, band));
        cell.set("COUNT", shown_difference(adjustment.differences.of.at(band)));
    }
    const auto total = adjustment.differences.total();
    row.set("TOTAL", total == 0 ? "±0" : shown_difference(total));
}

}  // namespace

ReportPages::Page ReportPages::receipt(const Request& request, const Principal& principal) {
    const auto report = TRY(parts_.service.receipt(principal, request.query.text("number"), request.now));
    const auto place = TRY(parts_.service.place_of(principal, request.now));
    auto page = view(request, principal);
    const auto& texts = parts_.writer.texts();
    page.set("REPORT_DATE", shown_date(report.date, request.locale)).set("RECEIPT", report.receipt);
    page.set("SUBMITTED_AT", format_japanese_date_time(report.submitted_at)).set("WHO", reporter_of(report));
    page.set("PLACE", report.organization_name).set("TOTAL", shown_count(report.counts.total()));
    show_receiver(page, request, place);
    page.show(report.date == date_at(request.now) ? "FOR_TODAY" : "FOR_EARLIER");
    page.show(report.kind == ReportKind::closed ? "CLOSED" : report.kind == ReportKind::zero ? "AS_ZERO" : "FIGURES");
    if (report.late) {
        page.show("LATE");
    }
    if (report.proxy) {
        page.add("PROXY").set("PROXY_TEXT", shown_proxy(texts, request.locale, report.proxy));
    }
    if (report.version > 1) {
        page.add("CORRECTED").set("REASON", report.reason).set("REPORT_VERSION", std::to_string(report.version));
    }
    if (report.kind == ReportKind::figures) {
        show_values(page, texts, request.locale, report.counts, std::nullopt);
    }
    const auto day = parts_.service.day(principal, report.date, request.now);
    for (const auto& booked : day ? day->adjustments : std::vector<BookedAdjustment>{}) {
        show_adjustment(page, texts, request.locale, booked.adjustment);
    }
    page.show(parts_.service.policy().corrections == Corrections::next_day ? "BY_NEXT_DAY" : "BY_SAME_DAY");
    return parts_.writer.page(request, "report_receipt", page);
}

void ReportPages::show_day(render::View& page, const Request& request, const Day& day) const {
    const auto& texts = parts_.writer.texts();
    auto& row = page.add("ROW");
    const auto note = [&](const std::string& id, const render::TextValues& values = {}) {
        row.add("NOTE").set("NOTE_TEXT", text(request, "report_history." + id, values));
    };
    row.set("ROW_DATE", shown_date(day.date, request.locale)).set("ROW_DAY", to_text(day.date));
    if (day.versions.empty()) {
        row.show("IS_CLOSED");
        show_no_cells(row, texts, request.locale);
        note(day.draft ? "draft" : day.date == date_at(request.now) ? "not_yet" : "silent");
        return;
    }
    const Report& report = day.versions.front();
    if (report.kind == ReportKind::closed) {
        row.show("IS_CLOSED");
        show_no_cells(row, texts, request.locale);
        note("closed");
    } else {
        show_cells(row, texts, request.locale, report.counts);
        const auto at = format_japanese_time(day.versions.back().submitted_at);
        if (day.date == date_at(request.now)) {
            note("today", {{"at", at}});
        } else if (report.kind == ReportKind::zero) {
            note("zero");
        }
    }
    if (report.proxy) {
        row.add("NOTE").set("NOTE_TEXT", shown_proxy(texts, request.locale, report.proxy));
    }
    if (report.review_state == "asked") {
        note("asked", {{"note", report.review_note}});
    }
    if (day.versions.back().late) {
        note("late", {{"at", format_japanese_date_time(day.versions.back().submitted_at)}});
    }
    if (day.versions.size() > 1) {
        row.add("VERSIONS").set("VERSION_COUNT", std::to_string(day.versions.size()));
    }
    for (const auto& booked : day.adjustments) {
        show_adjustment_row(page, texts, request.locale, booked.adjustment);
    }
}

ReportPages::Page ReportPages::history(const Request& request, const Principal& principal) {
    const auto week = TRY(parts_.service.week(principal, request.now));
    const auto place = TRY(parts_.service.place_of(principal, request.now));
    auto page = view(request, principal);
    show_receiver(page, request, place);
    const bool any = std::ranges::any_of(week, [](const Day& day) { return !day.versions.empty() || day.draft; });
    if (!any && week.size() == 1) {
        page.show("EMPTY");
        return parts_.writer.page(request, "report_history", page);
    }
    auto& list = page.add("LIST");
    for (std::size_t band = 0; band < kAgeBands; ++band) {
        list.add("HEAD").set("BAND_NAME", band_name(parts_.writer.texts(), request.locale, band));
    }
    for (const auto& day : week) {
        show_day(list, request, day);
    }
    return parts_.writer.page(request, "report_history", page);
}

ReportPages::Page ReportPages::versions(const Request& request, const Principal& principal) {
    const auto date = date_in(request.query);
    if (!date) {
        return failure(ErrorKind::not_found, "not_found");
    }
    const auto other = http::parse_identifier(request.query.text("organization"));
    const auto day = TRY(other ? parts_.service.day_of(principal, {*other}, *date, request.now)
                               : parts_.service.day(principal, *date, request.now));
    auto page = view(request, principal);
    page.show(other ? "OTHERS" : "OWN").set("PLACE", day.versions.front().organization_name);
    if (other) {
        page.set("PLACE_ID", std::to_string(*other)).set("DAY", to_text(*date));
        if (parts_.service.correctable(principal, {*other}, *date, request.now)) {
            page.show("MAY_CORRECT");
        }
        if (request.query.text("done") == "corrected") {
            page.show("SUCCESS_NOTICE").set("NOTICE_TEXT", text(request, "report_reviews.done_corrected"));
        }
    }
    const auto& texts = parts_.writer.texts();
    page.set("REPORT_DATE", shown_date(*date, request.locale));
    for (std::size_t band = 0; band < kAgeBands; ++band) {
        page.add("HEAD").set("BAND_NAME", band_name(texts, request.locale, band));
    }
    for (const auto& report : day.versions) {
        auto& row = page.add("ROW");
        row.set("REPORT_VERSION", std::to_string(report.version)).set("RECEIPT", report.receipt);
        row.set("SUBMITTED_AT", format_japanese_date_time(report.submitted_at)).set("WHO", reporter_of(report));
        row.add(report.version == 1 ? "FIRST" : "LATER").set("REASON", report.reason);
        if (report.proxy) {
            row.add("PROXY").set("PROXY_TEXT", shown_proxy(texts, request.locale, report.proxy));
        }
        report.kind == ReportKind::closed ? show_no_cells(row, texts, request.locale)
                                          : show_cells(row, texts, request.locale, report.counts);
    }
    return parts_.writer.page(request, "report_versions", page);
}

ReportPages::Page ReportPages::drafts(const Request& request, const Principal& principal) {
    const auto waiting = TRY(parts_.service.waiting_below(principal, request.now));
    auto page = parts_.console.view(request, principal, "report_drafts");
    if (waiting.empty()) {
        page.show("EMPTY");
        return parts_.writer.page(request, "report_drafts", page);
    }
    auto& list = page.add("LIST");
    for (const auto& draft : waiting) {
        auto& row = list.add("ROW");
        row.set("PLACE", draft.organization_name).set("PLACE_ID", std::to_string(draft.organization.value));
        row.set("REPORT_DATE", shown_date(draft.date, request.locale)).set("TOTAL", shown_count(draft.total));
        row.set("SAVED_AT", format_japanese_date_time(draft.saved_at)).set("WHO", draft.account_name);
        row.show(draft.date == date_at(request.now) ? "TODAY" : "OVERDUE");
        if (draft.organization == principal.home.id) {
            row.show("OWN");
        }
    }
    return parts_.writer.page(request, "report_drafts", page);
}

}  // namespace madoguchi::reports
