// From a head and a body to an answer: request id, address, language, route, content type, CSRF, handler, error map,
// log line. Knows no socket, so that all of it can be tested without one; edge.cpp only carries bytes.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "base/entropy.hpp"
#include "base/time.hpp"
#include "http/csrf.hpp"
#include "http/head.hpp"
#include "http/problem.hpp"
#include "http/route_table.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"

namespace madoguchi::http {

struct DispatcherSettings {
    std::string name = "interactive";  // of the listener, in log lines
    std::string origin;                // "https://localhost:8443": the only one that forms may come from
    SecretText edge_secret;            // what nginx sends in X-Madoguchi-Edge; empty: nobody vouches
    SecretText csrf_key;
};

/// What every request needs from outside; all of it outlives the dispatcher, and all of it is used from several
/// threads.
struct Surroundings {
    const Clock& clock;
    Entropy& entropy;
    const telemetry::Log& log;
    telemetry::Metrics& metrics;
};

class Dispatcher {
public:
    Dispatcher(DispatcherSettings settings, const RouteTable& routes, ErrorRenderer renderer,
               Surroundings surroundings);

    /// The bytes of the answer to a whole request. `peer` is the address on the other end of the socket; `connection`
    /// is asked when the handler is done, as a stop may have begun meanwhile. Never throws.
    std::string answer(Head head, std::string body, const std::string& peer,
                       const std::function<ConnectionAfter()>& connection) const noexcept;
    /// limits::kRequestBytes, and more where a route takes a file or rows.
    std::size_t body_limit(const Head& head) const;
    /// The same for bytes that are no request; the connection is to be closed. `target`: what they asked for, if that
    /// could be read.
    std::string answer_refused(const Refusal& refusal, const std::string& peer,
                               std::string_view target = {}) const noexcept;

private:
    struct Exchange;

    void run(Exchange& exchange, std::string& body) const;
    tl::expected<void, Refusal> read_target(Exchange& exchange) const;
    tl::expected<void, Refusal> check_content(const Exchange& exchange) const;
    tl::expected<void, Refusal> check_form(Exchange& exchange) const;
    static Result<Fields> take_form(Exchange& exchange);
    void fill_request(Exchange& exchange) const;
    void open_visit(Exchange& exchange) const;
    Result<Response> call(const Exchange& exchange) const;
    void render(Exchange& exchange, const Refusal& refusal) const;
    std::string finish(Exchange& exchange, ConnectionAfter connection) const;
    void log(const Exchange& exchange, int status, std::size_t bytes) const;
    std::string new_request_id() const;

    DispatcherSettings settings_;
    const RouteTable& routes_;
    ErrorRenderer renderer_;
    Surroundings surroundings_;
    Csrf csrf_;
};

}  // namespace madoguchi::http
