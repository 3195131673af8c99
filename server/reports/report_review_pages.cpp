// Figures that were unusual and were sent all the same: the health centre looks, asks, and marks them.
#include "base/limits.hpp"
#include "http/json_reader.hpp"
#include "http/problem.hpp"
#include "reports/proxy_report_pages.hpp"
#include "reports/report_views_pages.hpp"

namespace madoguchi::reports {
namespace {

using http::Method;
using http::Request;
using http::Response;
using Page = Result<Response>;

constexpr const char* kPath = "/report-reviews";

std::int64_t id_of(const Request& request) {
    return http::parse_identifier(request.path_parameter("id")).value_or(0);
}

/// The warnings as they were told to who reported.
void show_reasons(render::View& row, const ProxyPages& pages, const Request& request, const Report& report) {
    const auto& texts = pages.console.writer().texts();
    for (const auto& warning : warnings_from(report.warnings)) {
        auto& shown = row.add("REASON_ROW");
        shown.set("WARNING_TITLE",
                  texts.text("report_warning_title." + std::string(to_text(warning.kind)), request.locale));
        shown.set("WARNING_TEXT", warning_text(texts, request.locale, warning));
        shown.set("WARNING_WHERE", warning.band ? band_name(texts, request.locale, *warning.band)
                                                : texts.text("report.whole", request.locale));
    }
}

void fill(render::View& row, const ProxyPages& pages, const Request& request, const Report& report) {
    row.set("REVIEW_URL", std::string(kPath) + "/" + std::to_string(report.id)).set("PLACE", report.organization_name);
    row.set("PLACE_ID", std::to_string(report.organization.value)).set("DAY", to_text(report.date));
    row.set("REPORT_DATE", shown_date(report.date, request.locale)).set("RECEIPT", report.receipt);
    row.set("TOTAL", shown_count(report.counts.total())).set("WHO", reporter_of(report));
    row.set("SUBMITTED_AT", format_japanese_date_time(report.submitted_at));
    if (report.review_state == "asked") {
        row.add("ASKED").set("QUESTION", report.review_note);
    }
    show_reasons(row, pages, request, report);
}

Page list(const ProxyPages& pages, const Request& request, const Principal& principal) {
    const auto found = TRY(pages.service.unusual(principal, request.now));
    auto page = pages.console.view(request, principal, "report_reviews");
    if (const auto done = request.query.text("done"); done == "seen" || done == "asked") {
        directory::show_toast(page, pages.console.text(request, "report_reviews.done_" + done));
    }
    page.show(found.empty() ? "EMPTY" : "LIST");
    for (const auto& report : found) {
        fill(page.add("ROW"), pages, request, report);
    }
    return pages.console.writer().page(request, "report_reviews", page);
}

Page draw(const ProxyPages& pages, const Request& request, const Principal& principal, const std::string& note,
          const Error* error) {
    const auto found = TRY(pages.service.to_review(principal, id_of(request), request.now));
    auto page = pages.console.view(request, principal, "report_reviews");
    directory::add_crumb(page, pages.console.text(request, "report_reviews.title"), kPath);
    fill(page, pages, request, found.report);
    page.set("PHONE", found.phone).set("TYPED_NOTE", note);
    page.set("BACK", std::string(kPath) + "/" + request.path_parameter("id"));
    show_values(page, pages.console.writer().texts(), request.locale, found.report.counts, found.before);
    page.show(found.may_correct ? "MAY_CORRECT" : "MAY_NOT_CORRECT");
    if (error != nullptr) {
        pages.console.writer().explain(page, request, *error);
    }
    return pages.console.writer().page(request, "report_review", page,
                                       error == nullptr ? 200 : http::status_of(error->kind));
}

Page show(const ProxyPages& pages, const Request& request, const Principal& principal) {
    return draw(pages, request, principal, "", nullptr);
}

Page review(const ProxyPages& pages, const Request& request, const Principal& principal) {
    const auto form = TRY(request.form());
    constexpr std::size_t kBytes = limits::kReasonCodePoints * 4;
    const std::string state = form.text("state") == "asked" ? "asked" : "seen";
    const std::string note = form.text("note").size() > kBytes ? "" : form.text("note");
    const auto made = pages.service.review(principal, id_of(request), {state, note}, request.now);
    if (made) {
        return Response::see_other(std::string(kPath) + "?done=" + state);
    }
    const bool can_be_shown = made.error().kind == ErrorKind::invalid || made.error().message_id == "changed_meanwhile";
    return can_be_shown ? draw(pages, request, principal, note, &made.error()) : Page(failure(made.error()));
}

}  // namespace

void add_review_pages(const ProxyPages& pages) {
    using Handler = Page (*)(const ProxyPages&, const Request&, const Principal&);
    const auto add = [&](Method method, std::string pattern, Handler handler) {
        pages.console.page(method, std::move(pattern),
                           [pages, handler](const Request& request, const Principal& principal) {
                               return handler(pages, request, principal);
                           });
    };
    add(Method::get, kPath, list);
    add(Method::get, std::string(kPath) + "/{id}", show);
    add(Method::post, std::string(kPath) + "/{id}", review);
    pages.console.count("report_reviews", [&service = pages.service](const Principal& principal, Instant now) {
        return service.count_unusual(principal, now);
    });
}

}  // namespace madoguchi::reports
