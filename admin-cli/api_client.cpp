#include "admin-cli/api_client.hpp"

#include <algorithm>
#include <charconv>
#include <random>

namespace madoguchi::admin_cli {
namespace {

std::string with_query(std::string path, const Query& query) {
    char separator = '?';
    for (const auto& [name, value] : query) {
        path += separator + url_encoded(name) + "=" + url_encoded(value);
        separator = '&';
    }
    return path;
}

std::string text(const Json& object, std::string_view path) {
    const Json& value = member(object, path);
    return value.is_string() ? value.get<std::string>() : std::string();
}

/// 128 random bits: unlike every other key of this asker.
std::string new_key() {
    std::random_device random;
    return fmt::format("{:08x}{:08x}{:08x}{:08x}", random(), random(), random(), random());
}

/// "urn:madoguchi:problem:already_exists" is "already_exists".
std::string last_part(const std::string& type) {
    return type.substr(type.find_last_of(":/") + 1);
}

}  // namespace

std::optional<int> retry_after_seconds(const HttpAnswer& answer) {
    const auto found = answer.headers.find("retry-after");
    if (found == answer.headers.end()) {
        return std::nullopt;
    }
    int seconds = 0;
    const std::string& value = found->second;
    const auto [stop, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
    const bool whole = error == std::errc() && stop == value.data() + value.size();
    return whole && seconds >= 0 ? std::optional(seconds) : std::nullopt;
}

Failure failure_of(const HttpAnswer& answer, const std::string& server, Language language) {
    Failure failure{.code = exit_code_for_status(answer.status), .http_status = answer.status};
    if (const auto id = answer.headers.find("x-request-id"); id != answer.headers.end()) {
        failure.request_id = id->second;
    }
    const Json problem = Json::parse(answer.body, nullptr, false);
    const bool known = problem.is_object() && !text(problem, "type").empty();
    if (known) {
        failure.problem_id = last_part(text(problem, "type"));
        if (const std::string id = text(problem, "request_id"); !id.empty()) {
            failure.request_id = id;
        }
        for (const Json& error : member(problem, "errors")) {
            failure.fields.push_back({text(error, "field"), text(error, "rule"), text(error, "message")});
        }
        // The title is HTTP's word for the status ("Conflict"); the detail is written for people. Beside field errors
        // it points at the fields of a page, of which there are none here.
        const std::string detail = failure.fields.empty() ? text(problem, "detail") : "";
        failure.message = detail.empty() && failure.fields.empty() ? text(problem, "title") : detail;
    }
    if (!known && failure.code != ExitCode::unavailable && answer.status < 500) {
        // A plain 404 of some other web server would send people looking for the wrong mistake.
        failure.message = say(language, texts::kNotOurServer, server, answer.status);
        failure.advice = say(language, texts::kNotOurServerAdvice);
        failure.code = failure.code == ExitCode::ok ? ExitCode::failed : failure.code;
        return failure;
    }
    if (failure.message.empty()) {
        failure.message = say(language, message_for_status(answer.status));
    }
    const auto wait = retry_after_seconds(answer);
    if (wait && *wait > 0) {
        failure.advice = say(language, texts::kRetryAfter, *wait);
    } else {
        failure.advice =
            say(language, answer.status == 401                          ? texts::kNotSignedInAdvice
                          : failure.problem_id == "confirmation_needed" ? texts::kProveAdvice
                                                                        : advice_for_status(answer.status));
    }
    return failure;
}

ApiClient::ApiClient(HttpClient& http, const Settings& settings, Note note, Sleep sleep)
    : http_(http), settings_(settings), note_(std::move(note)), sleep_(std::move(sleep)) {}

Outcome<ApiAnswer> ApiClient::get(const std::string& path, const Query& query) {
    return understood(
        CLI_TRY(patiently({.verb = Verb::get, .path = "/api/v1" + with_query(path, query), .token = token_})));
}

// A server that says how long to wait is believed; a connection that broke is tried again after 1, 2 and 4 seconds.
Outcome<HttpAnswer> ApiClient::patiently(const HttpRequest& request) {
    for (int tries = 0;; ++tries) {
        auto answer = http_.send(request);
        const bool may_repeat = request.verb == Verb::get || request.verb == Verb::put ||
                                request.verb == Verb::remove || !request.idempotency_key.empty();
        const bool busy = answer ? answer->status == 429 || answer->status == 503
                                 : request.verb != Verb::get && answer.error().problem_id != kNotSent;
        const int wait = answer ? std::max(1, retry_after_seconds(*answer).value_or(1)) : 1 << tries;
        if (!busy || !may_repeat || tries == kRetries || wait > kLongestRetryWaitSeconds) {
            return answer;
        }
        note_(say(settings_.language, texts::kRetrying, wait));
        sleep_(std::chrono::seconds(wait));
    }
}

Outcome<ApiAnswer> ApiClient::post(const std::string& path, const Json& body) {
    return understood(CLI_TRY(patiently({.verb = Verb::post,
                                         .path = "/api/v1" + path,
                                         .body = body.dump(-1, ' ', false, Json::error_handler_t::replace),
                                         .token = token_,
                                         .idempotency_key = new_key()})));
}

Outcome<ApiAnswer> ApiClient::patch(const std::string& path, const Json& body, const std::string& tag) {
    return understood(CLI_TRY(http_.send({.verb = Verb::patch,
                                          .path = "/api/v1" + path,
                                          .body = body.dump(-1, ' ', false, Json::error_handler_t::replace),
                                          .token = token_,
                                          .if_match = tag})));
}

Outcome<ApiAnswer> ApiClient::put(const std::string& path, const Json& body) {
    return understood(CLI_TRY(patiently({.verb = Verb::put,
                                         .path = "/api/v1" + path,
                                         .body = body.dump(-1, ' ', false, Json::error_handler_t::replace),
                                         .token = token_})));
}

Outcome<ApiAnswer> ApiClient::remove(const std::string& path) {
    return understood(CLI_TRY(patiently({.verb = Verb::remove, .path = "/api/v1" + path, .token = token_})));
}

Outcome<std::string> ApiClient::download(const std::string& path, const Json& body) {
    auto answer =
        CLI_TRY(patiently({.verb = Verb::post, .path = "/api/v1" + path, .body = body.dump(), .token = token_}));
    if (answer.status < 200 || answer.status > 299) {
        return fail(failure_of(answer, settings_.server, settings_.language));
    }
    return std::move(answer.body);
}

Outcome<ApiAnswer> ApiClient::understood(const HttpAnswer& answer) const {
    if (answer.status < 200 || answer.status > 299) {
        return fail(failure_of(answer, settings_.server, settings_.language));
    }
    if (answer.status == 204 || answer.body.empty()) {
        return ApiAnswer{answer.status, Json()};
    }
    Json body = Json::parse(answer.body, nullptr, false);
    if (!body.is_object()) {
        return fail(failure_of(answer, settings_.server, settings_.language));
    }
    const auto tag = answer.headers.find("etag");
    return ApiAnswer{answer.status, std::move(body), tag == answer.headers.end() ? std::string() : tag->second};
}

Outcome<Json> ApiClient::list(const std::string& path, const std::string& key, const Query& query,
                              std::optional<int> limit) {
    Json all;
    std::string cursor;
    for (;;) {
        const int taken = all.is_null() ? 0 : static_cast<int>(all[key].size());
        Query page = query;
        page.emplace_back("limit", std::to_string(limit ? std::min(*limit - taken, kRowsPerPage) : kRowsPerPage));
        if (!cursor.empty()) {
            page.emplace_back("cursor", cursor);
        }
        Json answer = CLI_TRY(get(path, page)).body;
        Json rows = member(answer, key).is_array() ? member(answer, key) : Json::array();
        const std::string next = text(answer, "next_cursor");
        if (all.is_null()) {
            all = std::move(answer);
            all[key] = std::move(rows);
        } else {
            all[key].insert(all[key].end(), rows.begin(), rows.end());
            all["next_cursor"] = member(answer, "next_cursor");
        }
        const bool enough = limit && static_cast<int>(all[key].size()) >= *limit;
        // A cursor that doesn't move would keep us here for ever.
        if (next.empty() || enough || next == cursor) {
            return all;
        }
        cursor = next;
    }
}

}  // namespace madoguchi::admin_cli
