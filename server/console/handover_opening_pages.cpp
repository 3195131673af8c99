#include "console/handover_opening_pages.hpp"

#include "base/file_limits.hpp"

namespace madoguchi::console {
namespace {

using http::Method;
using http::Request;
using http::Response;

constexpr const char* kPath = "/handover";
constexpr std::string_view kCookie = "__Host-handover";
constexpr int kGone = 410;
constexpr int kTooMany = 429;

// Every answer of this page, in addition to the usual no-store.
Response private_answer(Response response) {
    response.with_header("Referrer-Policy", "no-referrer");
    return response;
}

// What no token of ours looks like is kept as such, so that it reads like any other link that opens nothing.
std::string as_cookie(const std::string& token) {
    constexpr std::size_t kTokenCharacters = 43;
    const bool ours = token.size() == kTokenCharacters &&
                      token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
                          std::string::npos;
    return ours ? token : "none";
}

// Nothing is looked up: used, lapsed and invented links get the same page (S12).
Result<Response> ask(const HandoverOpeningParts& parts, const Request& request) {
    if (const auto token = request.query.find("t")) {
        return private_answer(Response::see_other(kPath).with_cookie({std::string(kCookie), as_cookie(*token), {}}));
    }
    render::View page;
    page.show(request.cookie(kCookie) ? "BUTTON" : "NO_LINK");
    page.set("BACK", kPath);
    return parts.writer.page(request, "handover", page);
}

Result<Response> refused(const HandoverOpeningParts& parts, const Request& request, const Error& error) {
    render::View page;
    page.set("BACK", kPath);
    parts.writer.explain(page, request, error);
    if (error.kind == ErrorKind::too_many) {
        page.show("BUTTON");
        auto response = parts.writer.page(request, "handover", page, kTooMany);
        if (error.retry_after) {
            response.with_header("Retry-After", std::to_string(error.retry_after->count()));
        }
        return response;
    }
    page.show("GONE");
    return parts.writer.page(request, "handover", page, kGone)
        .with_cookie({std::string(kCookie), "", std::chrono::seconds(0)});
}

Result<Response> open(const HandoverOpeningParts& parts, const Request& request) {
    const SecretText token(request.cookie(kCookie).value_or(""));
    auto opened =
        parts.throttles.count("handover-open", request.source, limits::kHandoverOpensPerSourceHour, request.now)
            .and_then([&] {
                return parts.handover.open(token, {request.source, request.request_id, request.now});
            });
    if (!opened) {
        const auto kind = opened.error().kind;
        return kind == ErrorKind::not_found || kind == ErrorKind::too_many ? refused(parts, request, opened.error())
                                                                           : failure(opened.error());
    }
    render::View page;
    page.set("INITIAL_PASSWORD", opened->shown.reveal()).set("UNTIL", format_japanese_date_time(opened->expires_at));
    page.set("BACK", kPath);
    return private_answer(parts.writer.page(request, "handover_opened", page)
                              .with_cookie({std::string(kCookie), "", std::chrono::seconds(0)}));
}

}  // namespace

void add_handover_opening_pages(http::RouteTable& routes, const HandoverOpeningParts& parts) {
    routes.page(Method::get, kPath, [parts](const Request& request) { return ask(parts, request); });
    routes.page(Method::post, kPath, [parts](const Request& request) { return open(parts, request); });
}

}  // namespace madoguchi::console
