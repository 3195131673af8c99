#include "render/page_writer.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "http/percent.hpp"

namespace madoguchi::render {
namespace {

/// "phone" -> "PHONE", "second_steps[0].kind" -> "SECOND_STEPS_0__KIND"
std::string section_name(std::string_view field) {
    std::string name;
    for (const char c : field) {
        const auto byte = static_cast<unsigned char>(c);
        name += std::isalnum(byte) != 0 ? static_cast<char>(std::toupper(byte)) : '_';
    }
    return name;
}

/// The text for an error whose own id the catalogs don't have.
std::string_view general_id(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::invalid:
            return "malformed";
        case ErrorKind::unauthenticated:
            return "session_lost";
        case ErrorKind::forbidden:
            return "forbidden";
        case ErrorKind::not_found:
            return "not_found";
        case ErrorKind::conflict:
            return "conflict";
        case ErrorKind::too_many:
            return "too_many_tries";
        case ErrorKind::unavailable:
            return "unavailable";
        case ErrorKind::internal:
            break;
    }
    return "internal";
}

/// These end a sign-in or a session: the way on is to sign in again.
bool leads_to_sign_in(std::string_view id) {
    constexpr std::array<std::string_view, 6> ids = {"flow_lost",    "stale_step",     "csrf",
                                                     "session_lost", "too_many_tries", "first_sign_in_required"};
    return std::find(ids.begin(), ids.end(), id) != ids.end();
}

bool is_worth_a_retry(ErrorKind kind) {
    return kind == ErrorKind::unavailable || kind == ErrorKind::internal || kind == ErrorKind::too_many;
}

}  // namespace

PageWriter::PageWriter(const Templates& templates, const Texts& texts, const http::Assets& assets, PageFrame frame)
    : templates_(templates), texts_(texts), assets_(assets), frame_(std::move(frame)) {}

void PageWriter::fill_frame(View& view, const http::Request& request) const {
    const bool english = request.locale == Locale::en;
    const auto* back = view.find("BACK");
    const auto target = back != nullptr ? *back : request.raw_target;
    view.set("LANGUAGE", english ? "en" : "ja");
    view.set("LANGUAGE_URL",
             std::string("/language?to=") + (english ? "ja" : "en") + "&back=" + http::percent_encode(target));
    view.set("CSRF", request.csrf_token);
    view.set("REQUEST_ID", request.request_id);
    view.set("HELPDESK_PHONE", frame_.helpdesk_phone);
    view.set("MINIMUM", std::to_string(frame_.password_minimum));
    view.set("TOKENS_CSS", assets_.url("tokens.css"));
    view.set("MADOGUCHI_CSS", assets_.url("madoguchi.css"));
    view.set("MADOGUCHI_JS", assets_.url("madoguchi.js"));
    view.set("PASSKEY_JS", assets_.url("passkey.js"));
    view.set("FAVICON", assets_.url("favicon.svg"));
    if (frame_.development) {
        view.show(frame_.sends_out ? "DEVELOPMENT_SENDING" : "DEVELOPMENT");
    }
}

http::Response PageWriter::page(const http::Request& request, std::string_view page, View view, int status) const {
    fill_frame(view, request);
    return http::Response::html(status, templates_.render(page, request.locale, view));
}

std::string PageWriter::known_id(const Error& error) const {
    return texts_.has("error." + error.message_id) ? error.message_id : std::string(general_id(error.kind));
}

// A lone field error with a title of its own, such as a wrong code, is the whole page's reason: said once, in the
// notice.
Error PageWriter::as_page_reason(const Error& error) const {
    if (error.fields.size() != 1 || !texts_.has("error_title." + error.fields.front().message_id)) {
        return error;
    }
    Error reason = error;
    reason.message_id = error.fields.front().message_id;
    reason.values = error.fields.front().values;
    reason.fields.clear();
    return reason;
}

void PageWriter::explain(View& view, const http::Request& request, const Error& refusal) const {
    const Error error = as_page_reason(refusal);
    const auto id = known_id(error);
    const auto values = values_of(error, request.now);
    const auto title = texts_.has("error_title." + id) ? "error_title." + id : std::string("error_title.other");
    view.show("ERROR_" + section_name(id));
    view.add("ERROR_NOTICE")
        .set("ERROR_TITLE", texts_.text(title, request.locale, values))
        .set("ERROR_TEXT", texts_.text("error." + id, request.locale, values));
    for (const auto& field : error.fields) {
        const auto section = section_name(field.field) + "_ERROR";
        if (view.shows(section)) {
            continue;  // one reason at a time is enough for a field
        }
        view.add(section).set("MESSAGE", texts_.text("error." + field.message_id, request.locale, field.values));
    }
}

http::Response PageWriter::error_page(const http::Request& request, const Error& error, int status) const {
    View view;
    explain(view, request, error);
    view.set("STATUS", std::to_string(status));
    const bool can_repeat = request.method == http::Method::get && is_worth_a_retry(error.kind);
    if (leads_to_sign_in(known_id(error))) {
        view.show("TO_SIGN_IN");
    } else if (can_repeat) {
        view.add("TO_RETRY").set("RETRY_URL", request.raw_target);
    } else {
        view.show("TO_HOME");
    }
    auto response = page(request, "error", std::move(view), status);
    if (error.retry_after) {
        response.with_header("Retry-After", std::to_string(error.retry_after->count()));
    }
    return response;
}

}  // namespace madoguchi::render
