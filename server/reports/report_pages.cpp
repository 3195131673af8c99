#include "reports/report_pages.hpp"

#include <nlohmann/json.hpp>

#include "http/problem.hpp"
#include "reports/report_views_pages.hpp"

namespace madoguchi::reports {

using http::Method;
using http::Response;

namespace {

void show_unsent(render::View& page, Locale locale, const std::vector<Draft>& unsent) {
    for (const auto& draft : unsent) {
        page.add("UNSENT")
            .set("UNSENT_DATE", shown_date(draft.date, locale))
            .set("UNSENT_DAY", to_text(draft.date))
            .set("UNSENT_TOTAL", shown_count(draft.total));
    }
}

/// An adjustment is typed on a page of its own: the form of the figures leaves it as it is.
void keep_adjustment(Typed& typed, const Typed& stored) {
    typed.adjusted_date = stored.adjusted_date;
    typed.differences = stored.differences;
    typed.adjustment_reason = stored.adjustment_reason;
}

std::string confirm_path(ReportDate date) {
    return "/report/confirm?date=" + to_text(date);
}

/// Somebody changed the draft between its confirmation and the press on it.
void show_changed(render::View& page, const http::Request& request, const Draft& draft) {
    if (request.query.text("changed") == "1") {
        page.add("CHANGED")
            .set("CHANGED_WHO", draft.account_name)
            .set("CHANGED_AT", format_japanese_time(draft.saved_at));
    }
}

/// A health centre's own figures are not those that it types for others.
void show_own_center(render::View& page, const OrganizationRef& place) {
    if (place.kind == directory::OrganizationKind::health_center) {
        page.show("OWN_CENTER").set("ORGANIZATION_NAME", place.name);
    }
}

/// What the browser needs to know when the day is over.
void show_midnight(render::View& page, ReportDate date, Instant now) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end_of(date) - now);
    if (left.count() > 0) {
        page.add("MIDNIGHT").set("MILLISECONDS", std::to_string(left.count()));
    } else {
        page.show("DAY_PASSED");
    }
}

}  // namespace

void ReportPages::add_to(http::RouteTable& routes) {
    add(routes, Method::get, "/report", &ReportPages::entry);
    add(routes, Method::post, "/report", &ReportPages::go_on);
    add(routes, Method::post, "/report/draft", &ReportPages::save);
    add(routes, Method::get, "/report/confirm", &ReportPages::confirmation);
    add(routes, Method::post, "/report/confirm", &ReportPages::submit);
    add(routes, Method::get, "/report/receipt", &ReportPages::receipt);
    add(routes, Method::get, "/report/history", &ReportPages::history);
    add(routes, Method::get, "/report/versions", &ReportPages::versions);
    add(routes, Method::get, "/report/adjustment", &ReportPages::adjustment);
    add(routes, Method::post, "/report/adjustment", &ReportPages::adjust);
    add(routes, Method::get, "/report/correction", &ReportPages::correction);
    add(routes, Method::post, "/report/correction", &ReportPages::correct);
    parts_.console.page(Method::get, "/report-drafts", [this](const Request& request, const Principal& principal) {
        return drafts(request, principal);
    });
    parts_.console.count("report_drafts", [this](const Principal& principal, Instant now) {
        return parts_.service.count_waiting_below(principal, now);
    });
}

void ReportPages::add(http::RouteTable& routes, Method method, std::string path, Handler handler) {
    routes.page(method, std::move(path), [this, handler](const Request& request) -> Page {
        const auto principal = parts_.guard(request);
        return principal ? (this->*handler)(request, *principal) : session_lost(request, principal.error());
    });
}

ReportPages::Page ReportPages::session_lost(const Request& request, const Error& error) const {
    if (error.kind != ErrorKind::unauthenticated) {
        return failure(error);
    }
    if (request.path == "/report/draft") {
        return Response::json(401, {{"said", text(request, "report.said_session_lost")}, {"sign_in", true}});
    }
    const auto form = request.form();
    // A confirmation carries no figures: they are in the draft, and home shows it after the next sign-in.
    if (request.method != Method::post || request.path == "/report/confirm" || !form) {
        return Response::see_other("/sign-in");
    }
    render::View page;
    page.set("FORM_ACTION", request.path).set("BACK", "/sign-in");
    for (const auto& [name, value] : form->all()) {
        if (name != "csrf") {
            page.add("KEPT").set("KEPT_NAME", name).set("KEPT_VALUE", value);
        }
    }
    const auto typed = typed_in(*form);
    if (request.path == "/report") {
        page.add("TYPED").set("TYPED_TOTAL", shown_count(readable_total(typed.bands)));
    }
    return parts_.writer.page(request, "report_resume", page, 401);
}

render::View ReportPages::view(const Request& request, const Principal& principal) const {
    render::View page;
    page.set("ACCOUNT_NAME", principal.name).set("ORGANIZATION_NAME", principal.home.name).show("SIGNED_IN");
    page.set("BACK", request.method == Method::get ? request.raw_target : request.path);
    return page;
}

std::string ReportPages::text(const Request& request, const std::string& id, const render::TextValues& values) const {
    return parts_.writer.texts().text(id, request.locale, values);
}

void ReportPages::show_receiver(render::View& page, const Request& request, const OrganizationRef& place) const {
    const auto above = parts_.organizations.contact_above(place.path);
    page.set("RECEIVER", above && *above ? (*above)->name : text(request, "report.receiver"));
}

// --- the form ---

ReportPages::Page ReportPages::entry(const Request& request, const Principal& principal) {
    const auto entry = TRY(parts_.service.entry(principal, date_in(request.query), request.now));
    if (entry.report) {
        return draw_done(request, principal, entry);
    }
    return draw_entry(request, principal, entry, nullptr, nullptr, 200);
}

ReportPages::Page ReportPages::draw_entry(const Request& request, const Principal& principal, const Entry& entry,
                                          const Read* read, const Error* error, int status) const {
    auto page = view(request, principal);
    const auto& texts = parts_.writer.texts();
    const ReportDate date = entry.opening.date();
    page.show("FORM").set("REPORT_DATE", shown_date(date, request.locale));
    show_own_center(page, entry.place);
    page.set("OPENING", entry.opening.sealed).set("VERSION", std::to_string(entry.draft.version));
    page.set("DAY", to_text(date));
    show_midnight(page, date, request.now);
    if (entry.draft.version > 0 && error == nullptr && read == nullptr) {
        page.add("DRAFT")
            .set("DRAFT_AT",
                 format_japanese_date_time(entry.draft.saved_at).substr(date == date_at(request.now) ? 11 : 0))
            .set("DRAFT_WHO", entry.draft.account_name);
    }
    show_unsent(page, request.locale, entry.unsent);
    show_changed(page, request, entry.draft);
    const Typed& typed = entry.draft.typed;
    show_fields(page, texts, request.locale, {typed, typed.bands, entry.before, read, error});
    page.set("TOTAL", shown_count(readable_total(typed.bands)));
    if (entry.before) {
        page.add("TOTAL_BEFORE").set("BEFORE_TOTAL", shown_count(entry.before->counts.total()));
    }
    if (!typed.adjusted_date.empty()) {
        const auto differences = parse_differences(typed.differences);
        show_adjustment(page, texts, request.locale,
                        {report_date(typed.adjusted_date).value_or(date), differences.value_or(AgeBandCounts{}),
                         typed.adjustment_reason});
    } else {
        page.show("NO_ADJUSTMENT");
    }
    if (read != nullptr) {
        show_whole_warnings(page, texts, request.locale, *read, error, typed.total_again);
        if (!read->warnings.empty() && !read->error) {
            page.show("LOOK_AGAIN");
        }
    }
    // Warnings are no errors: each says itself what it wants, unless what was typed again differs.
    if (error != nullptr && status != 200) {
        parts_.writer.explain(page, request, *error);
    }
    return parts_.writer.page(request, "report", page, status);
}

ReportPages::Page ReportPages::draw_done(const Request& request, const Principal& principal, const Entry& entry) const {
    auto page = view(request, principal);
    const Report& report = *entry.report;
    auto& done = page.add("DONE");
    done.set("REPORT_DATE", shown_date(report.date, request.locale)).set("RECEIPT", report.receipt);
    done.set("SUBMITTED_AT", format_japanese_date_time(report.submitted_at)).set("WHO", reporter_of(report));
    done.set("DONE_DAY", to_text(report.date));
    if (report.date == date_at(request.now)) {
        done.show("DONE_TODAY");
    } else {
        done.show("DONE_EARLIER");
    }
    if (may_correct(parts_.service.policy(), Corrector::own, report.date, request.now)) {
        done.show("CAN_CORRECT");
    } else {
        done.show("CAN_ADJUST");
    }
    show_unsent(page, request.locale, entry.unsent);
    return parts_.writer.page(request, "report", page);
}

ReportPages::Page ReportPages::refuse_entry(const Request& request, const Principal& principal, const Opening& opening,
                                            const Typed& typed, const Error& error) {
    if (error.message_id == "already_reported") {
        return conflict(request, principal, opening.date(), typed);
    }
    auto entry = parts_.service.entry(principal, opening.date(), request.now);
    if (!entry && error.message_id != "report_too_late") {
        return failure(entry.error());
    }
    if (!entry) {
        entry = TRY(parts_.service.entry(principal, std::nullopt, request.now));
    }
    auto told = error;
    if (error.message_id == "draft_changed") {
        told.values = {{"who", entry->draft.account_name},
                       {"at", format_japanese_time(entry->draft.saved_at)},
                       {"total", shown_count(entry->draft.total)}};
    }
    auto shown = typed;
    keep_adjustment(shown, entry->draft.typed);
    entry->draft.typed = shown;
    return draw_entry(request, principal, *entry, nullptr, &told, http::status_of(error.kind));
}

ReportPages::Page ReportPages::go_on(const Request& request, const Principal& principal) {
    const auto form = TRY(request.form());
    auto typed = typed_in(form);
    const auto opening = parts_.service.opening(form.text("opening"), request.now);
    if (!opening) {
        const auto today = TRY(parts_.service.entry(principal, std::nullopt, request.now));
        return refuse_entry(request, principal, today.opening, typed, opening.error());
    }
    const int seen = seen_version_in(form);
    const auto kind = report_kind(form.text("quick"));
    if (kind && *kind != ReportKind::figures) {
        return submit_nothing(request, principal, *opening, typed, seen, *kind);
    }
    const auto before = parts_.service.entry(principal, opening->date(), request.now);
    if (before) {
        keep_adjustment(typed, before->draft.typed);
    }
    const auto saved = parts_.service.save(principal, {*opening, seen, typed}, request.now);
    if (!saved) {
        return refuse_entry(request, principal, *opening, typed, saved.error());
    }
    if (form.text("go") == "adjustment") {
        return Response::see_other("/report/adjustment?date=" + to_text(opening->date()));
    }
    const auto read = TRY(parts_.service.read(principal, opening->date(), typed, request.now));
    if (!read.error && !read.unconfirmed) {
        return Response::see_other(confirm_path(opening->date()));
    }
    const auto entry = TRY(parts_.service.entry(principal, opening->date(), request.now));
    const bool refused = read.error || !typed.total_again.empty() ||
                         std::ranges::any_of(typed.again, [](const std::string& again) { return !again.empty(); });
    const Error* error = read.error ? &*read.error : &*read.unconfirmed;
    return draw_entry(request, principal, entry, &read, error, refused ? 400 : 200);
}

ReportPages::Page ReportPages::submit_nothing(const Request& request, const Principal& principal,
                                              const Opening& opening, const Typed& typed, int seen_version,
                                              ReportKind kind) {
    const bool all_zero = std::ranges::all_of(
        typed.bands, [](const std::string& text) { return text.empty() || parse_count("", text).value_or(1) == 0; });
    if (!all_zero) {
        return refuse_entry(request, principal, opening, typed,
                            {.kind = ErrorKind::conflict,
                             .message_id = "report_not_empty",
                             .values = {{"total", shown_count(readable_total(typed.bands))}}});
    }
    const auto report = parts_.service.submit_nothing(principal, opening, seen_version, kind, request.now);
    if (!report) {
        return refuse_entry(request, principal, opening, typed, report.error());
    }
    return Response::see_other("/report/receipt?number=" + report->receipt);
}

ReportPages::Page ReportPages::save(const Request& request, const Principal& principal) {
    const auto form = TRY(request.form());
    const auto said = [&](const Error& error) {
        auto values = error.values;
        return Response::json(http::status_of(error.kind),
                              {{"said", text(request, "report.said_" + error.message_id, values)}});
    };
    const auto opening = parts_.service.opening(form.text("opening"), request.now);
    if (!opening) {
        return said(opening.error());
    }
    auto typed = typed_in(form);
    if (const auto before = parts_.service.entry(principal, opening->date(), request.now)) {
        keep_adjustment(typed, before->draft.typed);
    }
    const auto saved = parts_.service.save(principal, {*opening, seen_version_in(form), typed}, request.now);
    if (!saved) {
        return saved.error().kind == ErrorKind::conflict ? said(saved.error()) : Page(failure(saved.error()));
    }
    return Response::json(
        200, {{"version", saved->version},
              {"said", text(request, "report.said_saved", {{"at", format_japanese_time(saved->saved_at)}})}});
}

// --- the confirmation ---

ReportPages::Page ReportPages::confirmation(const Request& request, const Principal& principal) {
    const auto entry = parts_.service.entry(principal, date_in(request.query), request.now);
    if (!entry || entry->report || entry->draft.version == 0) {
        return !entry && entry.error().kind != ErrorKind::not_found ? Page(failure(entry.error()))
                                                                    : Page(Response::see_other("/report"));
    }
    const ReportDate date = entry->opening.date();
    const auto read = TRY(parts_.service.read(principal, date, entry->draft.typed, request.now));
    if (read.error || read.unconfirmed) {
        return draw_entry(request, principal, *entry, &read, read.error ? &*read.error : &*read.unconfirmed, 200);
    }
    auto page = view(request, principal);
    const auto& texts = parts_.writer.texts();
    page.set("REPORT_DATE", shown_date(date, request.locale)).set("DAY", to_text(date));
    page.set("PLACE", entry->place.name).set("VERSION", std::to_string(entry->draft.version));
    page.set("TOTAL", shown_count(read.counts.total()));
    show_receiver(page, request, entry->place);
    show_own_center(page, entry->place);
    show_midnight(page, date, request.now);
    show_changed(page, request, entry->draft);
    show_values(page, texts, request.locale, read.counts, entry->before);
    if (entry->before) {
        page.add("TOTAL_BEFORE").set("BEFORE_TOTAL", shown_count(entry->before->counts.total()));
    }
    if (read.adjustment) {
        show_adjustment(page, texts, request.locale, *read.adjustment);
    }
    for (const auto& warning : read.warnings) {
        auto& shown = page.add("CONFIRMED");
        shown.set("WARNING_TITLE", text(request, "report_warning_title." + std::string(to_text(warning.kind))));
        shown.set("WARNING_WHERE",
                  warning.band ? band_name(texts, request.locale, *warning.band) : text(request, "report.whole"));
    }
    page.show(read.counts.total() == 0 ? "AS_ZERO" : "AS_FIGURES");
    page.show(parts_.service.policy().corrections == Corrections::next_day ? "BY_NEXT_DAY" : "BY_SAME_DAY");
    return parts_.writer.page(request, "report_confirm", page);
}

ReportPages::Page ReportPages::submit(const Request& request, const Principal& principal) {
    const auto form = TRY(request.form());
    const auto date = date_in(form);
    if (!date) {
        return Response::see_other("/report");
    }
    const auto report = parts_.service.submit_draft(principal, *date, seen_version_in(form), request.now);
    if (report) {
        return Response::see_other("/report/receipt?number=" + report->receipt);
    }
    const Error& error = report.error();
    if (error.message_id == "already_reported") {
        const auto entry = parts_.service.entry(principal, *date, request.now);
        return conflict(request, principal, *date, entry ? entry->draft.typed : nothing_typed());
    }
    if (error.message_id == "draft_changed") {
        return Response::see_other(confirm_path(*date) + "&changed=1");
    }
    if (error.kind == ErrorKind::not_found || error.kind == ErrorKind::invalid) {
        return Response::see_other("/report?date=" + to_text(*date));
    }
    return failure(error);
}

ReportPages::Page ReportPages::conflict(const Request& request, const Principal& principal, ReportDate date,
                                        const Typed& typed) {
    const auto found = TRY(parts_.service.find(principal, date, request.now));
    if (!found) {
        return failure(ErrorKind::not_found, "not_found");
    }
    auto page = view(request, principal);
    page.set("REPORT_DATE", shown_date(date, request.locale)).set("RECEIPT", found->receipt).set("BACK", "/report");
    page.set("WHO", reporter_of(*found)).set("SUBMITTED_AT", format_japanese_date_time(found->submitted_at));
    page.show(found->account == principal.account ? "BY_YOU" : "BY_OTHER");
    bool any = false;
    for (std::size_t band = 0; band < kAgeBands; ++band) {
        const auto count = parse_count("", typed.bands.at(band));
        if (count && *count == found->counts.of.at(band)) {
            continue;
        }
        any = true;
        page.add("DIFFERENCE")
            .set("BAND_NAME", band_name(parts_.writer.texts(), request.locale, band))
            .set("REPORTED", shown_count(found->counts.of.at(band)))
            .set("TYPED", typed.bands.at(band));
    }
    page.show(any ? "DIFFERS" : "SAME");
    return parts_.writer.page(request, "report_conflict", page, 409);
}

void ReportPages::note_drafts(const Request& request, const Principal& principal, render::View& page) const {
    if (!parts_.service.place_of(principal, request.now)) {
        return;
    }
    const auto unsent = parts_.service.unsent(principal, request.now);
    for (const auto& draft : unsent.value_or(std::vector<Draft>{})) {
        page.add("DRAFT_WAITING")
            .set("DRAFT_DATE", shown_date(draft.date, request.locale))
            .set("DRAFT_DAY", to_text(draft.date))
            .set("DRAFT_TOTAL", shown_count(draft.total))
            .set("DRAFT_AT", format_japanese_date_time(draft.saved_at));
    }
}

}  // namespace madoguchi::reports
