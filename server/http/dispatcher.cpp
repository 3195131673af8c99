#include "http/dispatcher.hpp"

#include <arpa/inet.h>
#include <cxxabi.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <typeinfo>

#include "base/api_limits.hpp"
#include "base/encoding.hpp"
#include "base/file_limits.hpp"
#include "base/limits.hpp"
#include "http/multipart.hpp"
#include "http/scim_error.hpp"
#include "http/target.hpp"

namespace madoguchi::http {
namespace {

using Clocks = std::chrono::steady_clock;

bool is_address(const std::string& text) {
    std::array<unsigned char, sizeof(in6_addr)> bytes{};
    return inet_pton(AF_INET, text.c_str(), bytes.data()) == 1 || inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1;
}

bool changes_state(Method method) {
    return method != Method::get && method != Method::head;
}

// The type only: what() may hold bound values, and those may be secrets (S20).
std::string type_of_current_exception() {
    const auto* const type = abi::__cxa_current_exception_type();
    if (type == nullptr) {
        return "unknown";
    }
    int status = 0;
    const std::unique_ptr<char, void (*)(void*)> name(abi::__cxa_demangle(type->name(), nullptr, nullptr, &status),
                                                      std::free);
    return status == 0 ? name.get() : type->name();
}

Error internal_error(std::string detail) {
    return Error{.kind = ErrorKind::internal, .message_id = "internal", .detail = std::move(detail)};
}

std::string allow_list(const std::vector<Method>& methods) {
    std::string list;
    bool has_get = false;
    bool has_head = false;
    for (const auto method : methods) {
        list += list.empty() ? "" : ", ";
        list += name_of(method);
        has_get = has_get || method == Method::get;
        has_head = has_head || method == Method::head;
    }
    return has_get && !has_head ? list + ", HEAD" : list;
}

std::string joined_cookies(const Headers& headers) {
    std::string joined;
    for (const auto& [name, value] : headers.all()) {
        if (name == "cookie") {
            joined += (joined.empty() ? "" : "; ") + value;
        }
    }
    return joined;
}

bool is_media_type_for(RouteKind kind, std::string_view type) {
    switch (kind) {
        case RouteKind::callback:
        case RouteKind::page:
            return type == "application/x-www-form-urlencoded" || type == "multipart/form-data";
        case RouteKind::api:
            return type == "application/json";
        case RouteKind::scim:
            return type == "application/scim+json" || type == "application/json";
        case RouteKind::plain:
            break;
    }
    return false;
}

class InFlightGauge {
public:
    explicit InFlightGauge(telemetry::Metrics& metrics) : metrics_(metrics) { metrics_.request_started(); }
    ~InFlightGauge() { metrics_.request_left(); }
    InFlightGauge(const InFlightGauge&) = delete;
    InFlightGauge& operator=(const InFlightGauge&) = delete;

private:
    telemetry::Metrics& metrics_;
};

}  // namespace

/// One request on its way through, with all that the log line at its end wants to know.
struct Dispatcher::Exchange {
    Head head;
    std::string peer;
    Clocks::time_point started = Clocks::now();
    Request request = {};
    Response response = {};
    std::optional<Method> method = std::nullopt;
    RouteKind kind = RouteKind::plain;
    const Route* route = nullptr;
    std::string visit = {};
    bool visit_is_new = false;
    Error error = {.kind = ErrorKind::internal, .message_id = ""};
};

Dispatcher::Dispatcher(DispatcherSettings settings, const RouteTable& routes, ErrorRenderer renderer,
                       Surroundings surroundings)
    : settings_(std::move(settings)),
      routes_(routes),
      renderer_(std::move(renderer)),
      surroundings_(surroundings),
      csrf_(settings_.csrf_key) {}

std::string Dispatcher::answer(Head head, std::string body, const std::string& peer,
                               const std::function<ConnectionAfter()>& connection) const noexcept {
    Exchange exchange{std::move(head), peer};
    const InFlightGauge gauge(surroundings_.metrics);
    try {
        fill_request(exchange);
        run(exchange, body);
    } catch (...) {
        exchange.error = internal_error("exception " + type_of_current_exception());
        exchange.response = plain_error(500, exchange.request.request_id);
    }
    return finish(exchange, connection());
}

std::size_t Dispatcher::body_limit(const Head& head) const {
    const auto target = method_from(head.method) == Method::post ? parse_target(head.target)
                                                                 : failure(ErrorKind::invalid, "malformed_request");
    const auto match = target ? routes_.find(Method::post, target->path) : RouteMatch();
    const auto body = match.route == nullptr ? RouteBody::form : match.route->body;
    return body == RouteBody::file   ? limits::kUploadBytes + limits::kRequestBytes
           : body == RouteBody::rows ? limits::kApiRowsBytes
                                     : limits::kRequestBytes;
}

std::string Dispatcher::answer_refused(const Refusal& refusal, const std::string& peer,
                                       std::string_view target) const noexcept {
    Exchange exchange{{}, peer};
    exchange.request.request_id = new_request_id();
    exchange.request.now = surroundings_.clock.now();
    exchange.request.source = peer;
    const auto kind = RouteTable::kind_below(target);
    exchange.kind = kind == RouteKind::page ? RouteKind::plain : kind;
    render(exchange, refusal);
    return finish(exchange, ConnectionAfter::closed);
}

void Dispatcher::run(Exchange& exchange, std::string& body) const {
    auto found = read_target(exchange);
    if (exchange.kind == RouteKind::page) {
        open_visit(exchange);
    }
    if (found) {
        exchange.request.body = std::move(body);
        found = check_content(exchange);
    }
    if (found && exchange.kind == RouteKind::page && changes_state(exchange.request.method)) {
        found = check_form(exchange);
    }
    if (!found) {
        render(exchange, found.error());
        return;
    }
    auto result = call(exchange);
    if (result) {
        exchange.response = std::move(*result);
    } else {
        const int status = exchange.kind == RouteKind::api    ? api_status_of(result.error())
                           : exchange.kind == RouteKind::scim ? scim_status_of(result.error())
                                                              : status_of(result.error().kind);
        render(exchange, {status, std::move(result.error())});
    }
}

void Dispatcher::fill_request(Exchange& exchange) const {
    auto& request = exchange.request;
    request.now = surroundings_.clock.now();
    request.request_id = new_request_id();
    request.raw_target = std::move(exchange.head.target);
    request.headers = std::move(exchange.head.headers);
    const auto proof = request.header("x-madoguchi-edge");
    const auto& secret = settings_.edge_secret.reveal();
    request.vouched = proof && !secret.empty() && equal_in_constant_time(*proof, secret) ? Vouched::yes : Vouched::no;
    const bool vouched = request.vouched == Vouched::yes;
    const auto address = vouched ? request.header("x-real-ip") : std::nullopt;
    request.source = address && is_address(*address) ? *address : exchange.peer;
    const auto passed_on = vouched ? request.header("x-madoguchi-cookie") : std::nullopt;
    request.cookies = parse_cookies(passed_on ? *passed_on : joined_cookies(request.headers));
    request.user_agent = request.header("user-agent").value_or("");
    request.content_type = request.header("content-type").value_or("");
    request.locale = choose_locale(request.cookie(kLanguageCookie), request.header("accept-language"));
}

tl::expected<void, Refusal> Dispatcher::read_target(Exchange& exchange) const {
    auto target = parse_target(exchange.request.raw_target);
    if (!target) {
        const auto kind = RouteTable::kind_below(exchange.request.raw_target);  // programs get a problem here too
        exchange.kind = kind == RouteKind::page ? exchange.kind : kind;
        return tl::unexpected<Refusal>(Refusal{400, std::move(target.error())});
    }
    exchange.request.path = std::move(target->path);
    exchange.request.query = std::move(target->query);
    exchange.method = method_from(exchange.head.method);
    exchange.request.method = exchange.method.value_or(Method::get);
    exchange.kind = RouteTable::kind_below(exchange.request.path);
    auto match = routes_.find(exchange.method, exchange.request.path);
    if (match.route == nullptr && match.allowed.empty()) {
        return refuse(404, "not_found");
    }
    if (match.route == nullptr) {
        exchange.response.with_header("Allow", allow_list(match.allowed));
        return refuse(405, "method_not_allowed");
    }
    exchange.route = match.route;
    exchange.kind = match.route->kind;
    exchange.request.path_parameters = std::move(match.parameters);
    return {};
}

tl::expected<void, Refusal> Dispatcher::check_content(const Exchange& exchange) const {
    const auto& request = exchange.request;
    if (!changes_state(request.method)) {
        return request.body.empty() ? tl::expected<void, Refusal>() : refuse(400, "malformed_request", "a body to GET");
    }
    if (request.headers.count("content-type") > 1) {
        return refuse(400, "malformed_request", "Content-Type");
    }
    const bool typed = !request.content_type.empty() || !request.body.empty();
    if (typed && (!is_media_type_for(exchange.kind, media_type(request.content_type)) ||
                  !is_utf8_content(request.content_type))) {
        return refuse(415, "unsupported_media_type");
    }
    return {};
}

void Dispatcher::open_visit(Exchange& exchange) const {
    const auto given = exchange.request.cookie(kVisitCookie);
    exchange.visit_is_new = !given || !is_visit(*given);
    exchange.visit = exchange.visit_is_new ? surroundings_.entropy.token().reveal() : *given;
    exchange.request.csrf_token = csrf_.token_for(exchange.visit);
}

// A file is taken out of the body, which is let go: it may be large.
Result<Fields> Dispatcher::take_form(Exchange& exchange) {
    auto& request = exchange.request;
    if (exchange.route->body != RouteBody::file || media_type(request.content_type) != "multipart/form-data") {
        return request.form();
    }
    auto upload = TRY(parse_multipart_upload(request.body, request.content_type));
    request.body = std::string();
    request.file = std::move(upload.file);
    return std::move(upload.fields);
}

tl::expected<void, Refusal> Dispatcher::check_form(Exchange& exchange) const {
    auto form = take_form(exchange);
    if (!form) {
        const int status = form.error().message_id == "payload_too_large" ? 413 : 400;
        return tl::unexpected<Refusal>(Refusal{status, std::move(form.error())});
    }
    const bool good = !exchange.visit_is_new && is_from_our_pages(exchange.request.headers, settings_.origin) &&
                      csrf_.accepts(exchange.visit, form->text(kCsrfField));
    exchange.request.parsed_form = std::move(*form);
    if (!good) {
        return tl::unexpected<Refusal>(Refusal{403, {.kind = ErrorKind::forbidden, .message_id = "csrf"}});
    }
    return {};
}

Result<Response> Dispatcher::call(const Exchange& exchange) const {
    try {
        return exchange.route->handler(exchange.request);
    } catch (...) {
        return failure(internal_error("exception " + type_of_current_exception()));
    }
}

void Dispatcher::render(Exchange& exchange, const Refusal& refusal) const {
    exchange.error = refusal.error;
    const auto& request = exchange.request;
    auto kept = std::move(exchange.response.headers);  // Allow
    try {
        if (exchange.kind == RouteKind::api) {
            exchange.response = problem(request, refusal.error, refusal.status, renderer_);
        } else if (exchange.kind == RouteKind::scim) {
            exchange.response = scim_error(request, refusal.error, refusal.status, renderer_);
        } else if (exchange.kind == RouteKind::page && renderer_.page) {
            exchange.response = renderer_.page(request, refusal.error, refusal.status);
        } else {
            exchange.response = plain_error(refusal.status, request.request_id);
        }
    } catch (...) {
        exchange.error = internal_error("exception " + type_of_current_exception() + " in an error page");
        exchange.response = plain_error(refusal.status, request.request_id);
    }
    for (auto& header : kept) {
        exchange.response.headers.push_back(std::move(header));
    }
    if (refusal.error.retry_after && !exchange.response.has_header("Retry-After")) {
        exchange.response.with_header("Retry-After", std::to_string(refusal.error.retry_after->count()));
    }
}

std::string Dispatcher::finish(Exchange& exchange, ConnectionAfter connection) const {
    if (exchange.visit_is_new) {
        exchange.response.with_cookie({std::string(kVisitCookie), exchange.visit});
    }
    const auto body = exchange.request.method == Method::head ? BodyOnWire::left_out : BodyOnWire::sent;
    const WireOptions options{exchange.request.request_id, exchange.request.now, body, connection};
    auto bytes = serialize(exchange.response, options);
    if (!bytes) {
        exchange.error = bytes.error();
        exchange.response = plain_error(500, exchange.request.request_id);
        bytes = serialize(exchange.response, options);
    }
    log(exchange, exchange.response.status, exchange.response.body.size());
    return bytes.value_or("");
}

void Dispatcher::log(const Exchange& exchange, int status, std::size_t bytes) const {
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(Clocks::now() - exchange.started);
    const std::string_view route = exchange.route != nullptr ? exchange.route->pattern : std::string_view("unmatched");
    const std::string_view method = exchange.method ? name_of(*exchange.method) : std::string_view("other");
    surroundings_.metrics.request_finished(route, method, status, took);
    const auto level = status >= 500 && status != 501 ? telemetry::LogLevel::error : telemetry::LogLevel::info;
    const auto& request = exchange.request;
    const auto duration_ms = static_cast<double>(took.count()) / 1000.0;
    if (exchange.error.message_id.empty()) {
        surroundings_.log.write(level, "request",
                                {{"request_id", request.request_id},
                                 {"listener", settings_.name},
                                 {"method", method},
                                 {"route", route},
                                 {"status", status},
                                 {"duration_ms", duration_ms},
                                 {"source", request.source},
                                 {"bytes", bytes}});
        return;
    }
    surroundings_.log.write(level, "request",
                            {{"request_id", request.request_id},
                             {"listener", settings_.name},
                             {"method", method},
                             {"route", route},
                             {"status", status},
                             {"duration_ms", duration_ms},
                             {"source", request.source},
                             {"bytes", bytes},
                             {"problem", exchange.error.message_id},
                             {"detail", exchange.error.detail}});
}

// 80 bits as 16 letters that can be read out on the telephone. The kernel is asked once for many: an id must be unlike
// all others, but nothing depends on its being secret.
std::string Dispatcher::new_request_id() const {
    constexpr std::size_t kIdBytes = 10;
    constexpr std::size_t kIdsAtOnce = 32;
    thread_local std::string stock;
    if (stock.empty()) {
        stock = surroundings_.entropy.bytes(kIdBytes * kIdsAtOnce);
    }
    auto id = to_base32(std::string_view(stock).substr(stock.size() - kIdBytes));
    stock.resize(stock.size() - kIdBytes);
    return id;
}

}  // namespace madoguchi::http
