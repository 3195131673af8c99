// What /metrics shows, in Prometheus' text format. Other rooms call methods; names of series and labels stand in
// metrics.cpp only.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace madoguchi::telemetry {

/// How one sign-in step ended.
enum class SignInOutcome {
    password_accepted,
    password_refused,
    throttled,
    second_step_accepted,
    second_step_refused,
    session_opened,
    first_sign_in_finished
};

/// Safe to call from any thread. Label values are bounded: route patterns, methods, statuses, enums, SQLSTATE classes.
class Metrics {
public:
    Metrics();
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    /// `route` is the pattern ("/accounts/{id}"), never the path that was asked for.
    void request_finished(std::string_view route, std::string_view method, int status, std::chrono::microseconds took);
    void request_started();
    void request_left();

    void hash_gate_waiting(std::size_t waiting);
    void hash_gate_refused();

    void outbox_waiting(std::int64_t messages);
    void outbox_oldest_age(std::chrono::seconds age);
    void outbox_sent();
    void outbox_failed();
    /// Events that webhooks have not got yet, and dead letters.
    void webhooks(std::int64_t waiting, std::int64_t dead, std::chrono::seconds oldest);

    /// What a provider made of a message it was offered (taken, unclear, down, refused, never).
    void gateway_offer(std::string_view gateway, std::string_view outcome);
    void gateway_skipped(std::string_view gateway, bool skipped);
    /// What a report of a provider did (changed, unchanged, foreign, no_such_message, forged, malformed).
    void gateway_receipt(std::string_view gateway, std::string_view outcome);
    /// Since midnight in Japan; `gateway` is empty where nobody knows who has them.
    void messages_today(std::string_view gateway, std::string_view kind, std::int64_t messages);
    void messages_cost_today(double yen, double budget_yen, bool over_budget);

    /// The five characters of SQLSTATE, of which the class (the first two) is kept.
    void database_error(std::string_view sql_state);
    void sign_in(SignInOutcome outcome);

    /// The whole registry as text/plain; version=0.0.4.
    std::string text() const;

private:
    struct Series;
    std::unique_ptr<Series> series_;
};

}  // namespace madoguchi::telemetry
