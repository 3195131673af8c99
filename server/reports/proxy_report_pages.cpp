#include "reports/proxy_report_pages.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "http/json_reader.hpp"
#include "http/problem.hpp"
#include "reports/proxy_limits.hpp"
#include "reports/report_views_pages.hpp"

namespace madoguchi::reports {
namespace {

using directory::OrganizationKind;
using http::Method;
using http::Request;
using http::Response;
using Page = Result<Response>;

constexpr const char* kPath = "/proxy-reports";

std::string path_of(std::int64_t id) {
    return std::string(kPath) + "/" + std::to_string(id);
}

std::int64_t id_of(const Request& request) {
    return http::parse_identifier(request.path_parameter("id")).value_or(0);
}

std::string bounded(const std::string& text) {
    constexpr std::size_t kBytes = limits::kReasonCodePoints * 4;
    return text.size() > kBytes ? std::string() : text;
}

render::View view_of(const ProxyPages& pages, const Request& request, const Principal& principal, bool inner = true) {
    auto page = pages.console.view(request, principal, "proxy_reports");
    if (inner) {
        directory::add_crumb(page, pages.console.text(request, "proxy.title"), kPath);
    }
    return page;
}

Response draw(const ProxyPages& pages, const Request& request, const std::string& name, render::View& page,
              const Error* error) {
    if (error != nullptr) {
        pages.console.writer().explain(page, request, *error);
    }
    return pages.console.writer().page(request, name, page, error == nullptr ? 200 : http::status_of(error->kind));
}

// --- the work list ---

void fill_row(render::View& row, const ProxyPages& pages, const Request& request, const ReceivedReport& received) {
    row.set("RECEIVED_URL", path_of(received.id)).set("PLACE", received.organization_name);
    row.set("REPORT_DATE", shown_date(received.date, request.locale));
    row.set("CHANNEL", shown_channel(pages.console.writer().texts(), request.locale, received.proxy.by));
    row.set("RECEIVED_AT", format_japanese_date_time(received.proxy.received_at));
    row.set("WHO", received.registered_by_name);
    if (!received.proxy.note.empty()) {
        row.add("NOTE").set("NOTE_TEXT", received.proxy.note);
    }
}

Page list(const ProxyPages& pages, const Request& request, const Principal& principal) {
    const auto waiting = TRY(pages.service.waiting(principal, request.now));
    const auto finished = TRY(pages.service.finished_today(principal, request.now));
    auto page = view_of(pages, request, principal, false);
    if (const auto done = request.query.text("done"); done == "registered" || done == "ended") {
        directory::show_toast(page, pages.console.text(request, "proxy.done_" + done));
    }
    if (waiting.empty()) {
        page.show("EMPTY");
    }
    for (const auto& received : waiting) {
        if (!page.shows("LIST")) {
            page.show("LIST");
        }
        auto& row = page.add("ROW");
        fill_row(row, pages, request, received);
        row.show(received.typed ? "BEGUN" : "UNTOUCHED");
    }
    for (const auto& received : finished) {
        if (!page.shows("FINISHED")) {
            page.show("FINISHED");
        }
        auto& row = page.add("FINISHED_ROW");
        fill_row(row, pages, request, received);
        row.set("STATE", pages.console.text(request, "proxy.state_" + std::string(to_text(received.state))));
        row.set("FINISHED_AT", received.finished_at ? format_japanese_time(*received.finished_at) : "");
        row.set("FINISHED_BY", received.finished_by_name);
        if (!received.receipt.empty()) {
            row.add("HAS_RECEIPT").set("RECEIPT", received.receipt);
        }
    }
    return pages.console.writer().page(request, "proxy_list", page);
}

// --- registering ---

void show_found(render::View& page, const ProxyPages& pages, const Request& request, const Principal& principal,
                const std::string& word) {
    bool any = false;
    for (const auto kind : {OrganizationKind::facility, OrganizationKind::follow_up_center}) {
        const auto found = pages.organizations.list(principal,
                                                    {.word = word,
                                                     .kind = kind,
                                                     .state = "active",
                                                     .parent = std::nullopt,
                                                     .after = {},
                                                     .limit = limits::kClinicsOffered},
                                                    request.now);
        if (!found) {
            continue;
        }
        for (const auto& listed : found->rows) {
            any = true;
            const auto& organization = listed.organization;
            page.add("FOUND")
                .set("FOUND_URL", std::string(kPath) + "/new?organization=" + std::to_string(organization.id.value))
                .set("FOUND_NAME", organization.name)
                .set("FOUND_CODE", organization.institution_code)
                .set("FOUND_ADDRESS", organization.address);
        }
    }
    page.show(any ? "ANY_FOUND" : "NONE_FOUND");
}

void show_days(render::View& page, const Request& request, const std::string& field, const std::string& chosen) {
    for (int back = 0; back <= limits::kProxyDays; ++back) {
        const ReportDate day = days_before(date_at(request.now), back);
        directory::add_option(page, field, to_text(day), shown_date(day, request.locale), chosen);
    }
}

Page draw_new(const ProxyPages& pages, const Request& request, const Principal& principal,
              const directory::Organization& place, const TypedReceipt& typed, const Error* error) {
    auto page = view_of(pages, request, principal);
    page.set("PLACE", place.name).set("PLACE_ID", std::to_string(place.id.value)).set("PHONE", place.phone);
    page.show("REGISTER");
    show_days(page, request, "report_date", typed.report_date);
    show_days(page, request, "received_date", typed.received_date);
    for (const auto by : kReceivedBy) {
        auto& choice = page.add("CHANNEL_CHOICE");
        choice.set("CHANNEL_VALUE", to_text(by));
        choice.set("CHANNEL", shown_channel(pages.console.writer().texts(), request.locale, by));
        if (typed.received_by == to_text(by)) {
            choice.show("CHOSEN");
        }
    }
    page.set("RECEIVED_TIME", typed.received_time).set("NOTE", typed.note);
    page.set("BACK", std::string(kPath) + "/new?organization=" + std::to_string(place.id.value));
    if (error != nullptr && error->message_id == "received_already") {
        page.add("ALREADY").set("ALREADY_URL", path_of(std::stoll(error->values.at("id"))));
    }
    return draw(pages, request, "proxy_new", page, error);
}

Page ask_new(const ProxyPages& pages, const Request& request, const Principal& principal) {
    if (const auto id = http::parse_identifier(request.query.text("organization"))) {
        const auto place = TRY(pages.service.place(principal, {*id}, request.now));
        const auto today = to_text(date_at(request.now));
        const TypedReceipt typed{.report_date = today,
                                 .received_by = "fax",
                                 .received_date = today,
                                 .received_time = format_japanese_time(request.now),
                                 .note = {}};
        return draw_new(pages, request, principal, place, typed, nullptr);
    }
    auto page = view_of(pages, request, principal);
    const auto word = request.query.text("q");
    page.show("CHOOSE");
    page.set("WORD", word);
    if (!word.empty()) {
        show_found(page, pages, request, principal, word);
    }
    return pages.console.writer().page(request, "proxy_new", page);
}

Page register_new(const ProxyPages& pages, const Request& request, const Principal& principal) {
    const auto form = TRY(request.form());
    const OrganizationId organization{http::parse_identifier(form.text("organization")).value_or(0)};
    const auto place = TRY(pages.service.place(principal, organization, request.now));
    const TypedReceipt typed{.report_date = form.text("report_date"),
                             .received_by = form.text("received_by"),
                             .received_date = form.text("received_date"),
                             .received_time = form.text("received_time").substr(0, limits::kReportTypedBytes),
                             .note = bounded(form.text("note"))};
    const auto details = parse_receipt(typed, request.now);
    if (!details) {
        return draw_new(pages, request, principal, place, typed, &details.error());
    }
    const auto id = pages.service.receive(principal, {organization, *details}, request.now);
    if (!id) {
        return id.error().kind == ErrorKind::conflict ? draw_new(pages, request, principal, place, typed, &id.error())
                                                      : Page(failure(id.error()));
    }
    return Response::see_other(form.text("go") == "later" ? std::string(kPath) + "?done=registered" : path_of(*id));
}

// --- typing ---

void show_received(render::View& page, const ProxyPages& pages, const Request& request,
                   const ReceivedReport& received) {
    fill_row(page, pages, request, received);
    page.set("PROXY_NAME", received.proxy.organization_name).set("VERSION", std::to_string(received.version));
    page.set("PLACE_ID", std::to_string(received.organization.value)).set("DAY", to_text(received.date));
    page.set("REGISTERED_AT", format_japanese_date_time(received.registered_at));
    page.set("BACK", path_of(received.id));
}

void show_reported(render::View& page, const Report& reported) {
    page.add("REPORTED")
        .set("REPORTED_WHO", reporter_of(reported))
        .set("REPORTED_AT", format_japanese_date_time(reported.submitted_at))
        .set("REPORTED_RECEIPT", reported.receipt)
        .set("REPORTED_TOTAL", shown_count(reported.counts.total()));
}

Page draw_done(const ProxyPages& pages, const Request& request, const Principal& principal, const ReceivedForm& form) {
    auto page = view_of(pages, request, principal);
    const auto& received = form.received;
    show_received(page, pages, request, received);
    page.set("STATE", pages.console.text(request, "proxy.state_" + std::string(to_text(received.state))));
    page.set("FINISHED_BY", received.finished_by_name);
    page.set("FINISHED_AT", received.finished_at ? format_japanese_date_time(*received.finished_at) : "");
    if (!received.reason.empty()) {
        page.add("WHY").set("REASON", received.reason);
    }
    if (form.reported && !received.receipt.empty()) {
        page.add("HAS_RECEIPT").set("RECEIPT", received.receipt);
        page.show(form.reported->kind == ReportKind::closed ? "CLOSED" : "FIGURES");
        page.set("TOTAL", shown_count(form.reported->counts.total()));
        show_values(page, pages.console.writer().texts(), request.locale, form.reported->counts, std::nullopt);
    }
    page.show(received.receipt.empty() ? "ENDED" : "TYPED_IN");
    return pages.console.writer().page(request, "proxy_done", page);
}

Page draw_entry(const ProxyPages& pages, const Request& request, const Principal& principal, const ReceivedForm& form,
                const Typed& typed, const Read* read, const Error* error, int status) {
    auto page = view_of(pages, request, principal);
    const auto& texts = pages.console.writer().texts();
    show_received(page, pages, request, form.received);
    show_fields(page, texts, request.locale, {typed, typed.bands, form.before, read, error});
    page.set("TOTAL", shown_count(readable_total(typed.bands)));
    if (form.before) {
        page.add("TOTAL_BEFORE").set("BEFORE_TOTAL", shown_count(form.before->counts.total()));
    }
    if (form.reported) {
        show_reported(page, *form.reported);
    } else {
        page.show("CAN_QUICK");
    }
    if (read != nullptr) {
        show_whole_warnings(page, texts, request.locale, *read, error, typed.total_again);
        if (!read->warnings.empty() && !read->error) {
            page.show("LOOK_AGAIN");
        }
    }
    if (error != nullptr && status != 200) {
        pages.console.writer().explain(page, request, *error);
    }
    return pages.console.writer().page(request, "proxy_entry", page, status);
}

Page entry(const ProxyPages& pages, const Request& request, const Principal& principal) {
    const auto form = TRY(pages.service.form(principal, id_of(request), request.now));
    if (form.received.state != ReceivedState::waiting) {
        return draw_done(pages, request, principal, form);
    }
    return draw_entry(pages, request, principal, form, form.received.typed.value_or(nothing_typed()), nullptr, nullptr,
                      200);
}

Page submit_nothing(const ProxyPages& pages, const Request& request, const Principal& principal,
                    const ReceivedForm& form, const Typed& typed, int seen, ReportKind kind) {
    const bool all_zero = std::ranges::all_of(
        typed.bands, [](const std::string& text) { return text.empty() || parse_count("", text).value_or(1) == 0; });
    const Error not_empty{.kind = ErrorKind::conflict,
                          .message_id = "report_not_empty",
                          .values = {{"total", shown_count(readable_total(typed.bands))}}};
    if (!all_zero) {
        return draw_entry(pages, request, principal, form, typed, nullptr, &not_empty, 409);
    }
    const auto made = pages.service.submit(principal, form.received.id, seen, kind, request.now);
    if (!made && made.error().kind == ErrorKind::conflict) {
        const auto now = TRY(pages.service.form(principal, form.received.id, request.now));
        return draw_entry(pages, request, principal, now, typed, nullptr, &made.error(), 409);
    }
    TRY(made);
    return Response::see_other(path_of(form.received.id));
}

Page go_on(const ProxyPages& pages, const Request& request, const Principal& principal) {
    const auto fields = TRY(request.form());
    const auto id = id_of(request);
    const auto typed = typed_in(fields);
    const int seen = seen_version_in(fields);
    const auto before = TRY(pages.service.form(principal, id, request.now));
    if (before.received.state != ReceivedState::waiting) {
        return draw_done(pages, request, principal, before);
    }
    const auto kind = report_kind(fields.text("quick"));
    if (kind && *kind != ReportKind::figures) {
        return submit_nothing(pages, request, principal, before, typed, seen, *kind);
    }
    const auto saved = pages.service.save(principal, id, seen, typed, request.now);
    if (!saved) {
        return saved.error().kind == ErrorKind::conflict
                   ? draw_entry(pages, request, principal, before, typed, nullptr, &saved.error(), 409)
                   : Page(failure(saved.error()));
    }
    const auto read = TRY(pages.service.read(principal, id, request.now));
    if (!read.error && !read.unconfirmed) {
        return Response::see_other(path_of(id) + "/confirm");
    }
    const auto form = TRY(pages.service.form(principal, id, request.now));
    const bool refused = read.error || !typed.total_again.empty() ||
                         std::ranges::any_of(typed.again, [](const std::string& again) { return !again.empty(); });
    const Error* error = read.error ? &*read.error : &*read.unconfirmed;
    return draw_entry(pages, request, principal, form, typed, &read, error, refused ? 400 : 200);
}

// --- the confirmation: to report, or, where the organization was first, the difference ---

void show_difference(render::View& page, const ProxyPages& pages, const Request& request, const Report& reported,
                     const AgeBandCounts& typed) {
    show_reported(page, reported);
    page.set("SEEN_REPORT", std::to_string(reported.version));
    if (reported.counts == typed && reported.kind != ReportKind::closed) {
        page.show("SAME");
        return;
    }
    page.show("DIFFERS");
    if (reported.kind == ReportKind::closed) {
        page.show("REPORTED_CLOSED");
    }
    for (std::size_t band = 0; band < kAgeBands; ++band) {
        auto& row = page.add("DIFFERENCE");
        const auto theirs = reported.counts.of.at(band);
        row.set("BAND_NAME", band_name(pages.console.writer().texts(), request.locale, band));
        row.set("REPORTED_COUNT", shown_count(theirs)).set("TYPED_COUNT", shown_count(typed.of.at(band)));
        row.set("APART", shown_difference(typed.of.at(band) - theirs));
        if (theirs != typed.of.at(band)) {
            row.show("DIFFERENT");
        }
    }
    page.set("TOTAL_APART", shown_difference(typed.total() - reported.counts.total()));
}

Page draw_confirm(const ProxyPages& pages, const Request& request, const Principal& principal,
                  const std::string& reason, const Error* error) {
    const auto id = id_of(request);
    const auto form = TRY(pages.service.form(principal, id, request.now));
    if (form.received.state != ReceivedState::waiting || !form.received.typed) {
        return Response::see_other(path_of(id));
    }
    const auto read = TRY(pages.service.read(principal, id, request.now));
    if (read.error || read.unconfirmed) {
        return draw_entry(pages, request, principal, form, *form.received.typed, &read,
                          read.error ? &*read.error : &*read.unconfirmed, 200);
    }
    auto page = view_of(pages, request, principal);
    const auto& texts = pages.console.writer().texts();
    show_received(page, pages, request, form.received);
    page.set("ACCOUNT", principal.name).set("TOTAL", shown_count(read.counts.total())).set("REASON", reason);
    if (form.reported) {
        show_difference(page, pages, request, *form.reported, read.counts);
        page.show(form.may_correct ? "MAY_CORRECT" : "MAY_NOT_CORRECT");
    } else {
        page.show("TO_REPORT");
        show_values(page, texts, request.locale, read.counts, form.before);
        page.show(read.counts.total() == 0 ? "AS_ZERO" : "AS_FIGURES");
    }
    for (const auto& warning : read.warnings) {
        page.add("CONFIRMED")
            .set("WARNING_TITLE",
                 texts.text("report_warning_title." + std::string(to_text(warning.kind)), request.locale))
            .set("WARNING_WHERE", warning.band ? band_name(texts, request.locale, *warning.band)
                                               : pages.console.text(request, "report.whole"));
    }
    return draw(pages, request, "proxy_confirm", page, error);
}

Page confirm(const ProxyPages& pages, const Request& request, const Principal& principal) {
    return draw_confirm(pages, request, principal, "", nullptr);
}

Page refused_end(const ProxyPages& pages, const Request& request, const Principal& principal, const std::string& reason,
                 const Error& error) {
    const bool can_be_shown = error.kind == ErrorKind::invalid || error.kind == ErrorKind::conflict;
    return can_be_shown ? draw_confirm(pages, request, principal, reason, &error) : Page(failure(error));
}

Page report(const ProxyPages& pages, const Request& request, const Principal& principal) {
    const auto fields = TRY(request.form());
    const auto id = id_of(request);
    const auto made = pages.service.submit(principal, id, seen_version_in(fields), std::nullopt, request.now);
    return made ? Page(Response::see_other(path_of(id))) : refused_end(pages, request, principal, "", made.error());
}

Page correct(const ProxyPages& pages, const Request& request, const Principal& principal) {
    const auto fields = TRY(request.form());
    const auto id = id_of(request);
    const auto reason = bounded(fields.text("reason"));
    const auto seen_report = http::parse_identifier(fields.text("report_version")).value_or(0);
    const auto made = pages.service.correct(principal, id, seen_version_in(fields), static_cast<int>(seen_report),
                                            reason, request.now);
    return made ? Page(Response::see_other(path_of(id))) : refused_end(pages, request, principal, reason, made.error());
}

/// same, kept or dropped, by the last part of the address.
Page finish(const ProxyPages& pages, const Request& request, const Principal& principal) {
    const auto fields = TRY(request.form());
    const auto reason = bounded(fields.text("reason"));
    const auto wanted = received_state(fields.text("state")).value_or(ReceivedState::waiting);
    if (wanted != ReceivedState::same && wanted != ReceivedState::kept && wanted != ReceivedState::dropped) {
        return failure(ErrorKind::not_found, "not_found");
    }
    const auto id = id_of(request);
    const auto ended = pages.service.finish(principal, id, wanted, reason, request.now);
    if (ended) {
        return Response::see_other(std::string(kPath) + "?done=ended");
    }
    if (wanted != ReceivedState::dropped || ended.error().kind != ErrorKind::invalid) {
        return refused_end(pages, request, principal, reason, ended.error());
    }
    const auto form = TRY(pages.service.form(principal, id, request.now));
    return draw_entry(pages, request, principal, form, form.received.typed.value_or(nothing_typed()), nullptr,
                      &ended.error(), 400);
}

}  // namespace

std::string shown_channel(const render::Texts& texts, Locale locale, ReceivedBy by) {
    return texts.text("proxy.by_" + std::string(to_text(by)), locale);
}

std::string shown_proxy(const render::Texts& texts, Locale locale, const std::optional<ProxyEntry>& proxy) {
    return proxy ? texts.text("proxy.entered", locale,
                              {{"place", proxy->organization_name},
                               {"by", shown_channel(texts, locale, proxy->by)},
                               {"at", format_japanese_date_time(proxy->received_at)}})
                 : "";
}

void add_proxy_pages(const ProxyPages& pages) {
    using Handler = Page (*)(const ProxyPages&, const Request&, const Principal&);
    const auto add = [&](Method method, std::string pattern, Handler handler) {
        pages.console.page(method, std::move(pattern),
                           [pages, handler](const Request& request, const Principal& principal) {
                               return handler(pages, request, principal);
                           });
    };
    const std::string one = std::string(kPath) + "/{id}";
    add(Method::get, kPath, list);
    add(Method::get, std::string(kPath) + "/new", ask_new);
    add(Method::post, std::string(kPath) + "/new", register_new);
    add(Method::get, one, entry);
    add(Method::post, one, go_on);
    add(Method::get, one + "/confirm", confirm);
    add(Method::post, one + "/confirm", report);
    add(Method::post, one + "/correct", correct);
    add(Method::post, one + "/end", finish);
    pages.console.count("proxy_reports", [&service = pages.service](const Principal& principal, Instant now) {
        return service.count_waiting(principal, now);
    });
}

}  // namespace madoguchi::reports
