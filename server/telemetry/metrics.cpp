#include "telemetry/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <mutex>
#include <unordered_map>

namespace madoguchi::telemetry {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;
using prometheus::Registry;

// Seconds. Session reads take under a millisecond, password checks tens of them, and ten seconds is a browser's
// patience.
const Histogram::BucketBoundaries kDurationBuckets = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                      0.1,    0.25,  0.5,    1.0,   2.5,  5.0,   10.0};

constexpr std::array<const char*, 7> kOutcomeNames = {"password_accepted",     "password_refused",    "throttled",
                                                      "second_step_accepted",  "second_step_refused", "session_opened",
                                                      "first_sign_in_finished"};

Family<Counter>& counters(Registry& registry, const char* name, const char* help) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

Gauge& gauge(Registry& registry, const char* name, const char* help) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

}  // namespace

struct Metrics::Series {
    Registry registry;
    Family<Counter>& requests = counters(registry, "madoguchi_http_requests_total", "Requests answered.");
    Family<Histogram>& durations = prometheus::BuildHistogram()
                                       .Name("madoguchi_http_request_duration_seconds")
                                       .Help("From the whole request read to the answer handed over.")
                                       .Register(registry);
    Gauge& in_flight = gauge(registry, "madoguchi_http_requests_in_flight", "Requests being answered now.");
    Gauge& hash_waiting = gauge(registry, "madoguchi_hash_gate_waiting", "Password checks waiting for a thread.");
    Counter& hash_refused =
        counters(registry, "madoguchi_hash_gate_refused_total", "Password checks refused because the queue was full.")
            .Add({});
    Gauge& outbox_waiting = gauge(registry, "madoguchi_outbox_waiting", "Messages waiting to be sent.");
    Gauge& outbox_oldest =
        gauge(registry, "madoguchi_outbox_oldest_age_seconds", "Age of the oldest message that waits.");
    Gauge& webhooks_waiting =
        gauge(registry, "madoguchi_webhook_deliveries_waiting", "Events that webhooks have not got.");
    Gauge& webhooks_dead =
        gauge(registry, "madoguchi_webhook_deliveries_dead", "Events that webhooks were not given within a day.");
    Gauge& webhooks_oldest =
        gauge(registry, "madoguchi_webhook_oldest_age_seconds", "Age of the oldest event that a webhook waits for.");
    Family<Counter>& outbox_messages =
        counters(registry, "madoguchi_outbox_messages_total", "Messages by how they ended.");
    Counter& outbox_sent = outbox_messages.Add({{"result", "sent"}});
    Counter& outbox_failed = outbox_messages.Add({{"result", "failed"}});
    Family<Counter>& gateway_offers = counters(registry, "madoguchi_gateway_offers_total",
                                               "Messages offered to providers, by what these made of them.");
    Family<Gauge>& gateways_skipped = prometheus::BuildGauge()
                                          .Name("madoguchi_gateway_skipped")
                                          .Help("1 while a provider is skipped because it failed.")
                                          .Register(registry);
    Family<Counter>& gateway_receipts =
        counters(registry, "madoguchi_gateway_receipts_total", "Reports of providers, by what they did.");
    Family<Gauge>& day_messages = prometheus::BuildGauge()
                                      .Name("madoguchi_messages_today")
                                      .Help("SMS and calls since midnight in Japan.")
                                      .Register(registry);
    Gauge& day_cost = gauge(registry, "madoguchi_messages_cost_today_yen",
                            "Estimated cost of SMS and calls since midnight in Japan, by the configured prices.");
    Gauge& day_budget = gauge(registry, "madoguchi_messages_budget_yen", "Cost a day from which the alarm is raised.");
    Gauge& over_budget =
        gauge(registry, "madoguchi_messages_over_budget", "1 while today's cost is beyond the budget.");
    Family<Counter>& database_errors =
        counters(registry, "madoguchi_database_errors_total", "Database errors by class of SQLSTATE.");
    Family<Counter>& sign_ins = counters(registry, "madoguchi_sign_in_steps_total", "Sign-in steps by outcome.");

    struct RequestSeries {
        Counter* count = nullptr;
        Histogram* duration = nullptr;
    };
    // Finding a series by its labels costs more than answering a health check, so they are kept.
    RequestSeries request_series(std::string_view route, std::string_view method, int status);
    std::mutex kept_mutex;
    std::unordered_map<std::string, RequestSeries> kept;
};

Metrics::Series::RequestSeries Metrics::Series::request_series(std::string_view route, std::string_view method,
                                                               int status) {
    std::string key(method);
    key.append(1, ' ').append(std::to_string(status)).append(1, ' ').append(route);
    const std::lock_guard lock(kept_mutex);
    auto& found = kept[key];
    if (found.count == nullptr) {
        const std::string pattern(route);
        found.count =
            &requests.Add({{"method", std::string(method)}, {"route", pattern}, {"status", std::to_string(status)}});
        found.duration = &durations.Add({{"route", pattern}}, kDurationBuckets);
    }
    return found;
}

Metrics::Metrics() : series_(std::make_unique<Series>()) {}
Metrics::~Metrics() = default;

void Metrics::request_finished(std::string_view route, std::string_view method, int status,
                               std::chrono::microseconds took) {
    const auto kept = series_->request_series(route, method, status);
    kept.count->Increment();
    kept.duration->Observe(std::chrono::duration<double>(took).count());
}

void Metrics::request_started() {
    series_->in_flight.Increment();
}
void Metrics::request_left() {
    series_->in_flight.Decrement();
}

void Metrics::hash_gate_waiting(std::size_t waiting) {
    series_->hash_waiting.Set(static_cast<double>(waiting));
}
void Metrics::hash_gate_refused() {
    series_->hash_refused.Increment();
}

void Metrics::outbox_waiting(std::int64_t messages) {
    series_->outbox_waiting.Set(static_cast<double>(messages));
}
void Metrics::outbox_oldest_age(std::chrono::seconds age) {
    series_->outbox_oldest.Set(static_cast<double>(age.count()));
}
void Metrics::webhooks(std::int64_t waiting, std::int64_t dead, std::chrono::seconds oldest) {
    series_->webhooks_waiting.Set(static_cast<double>(waiting));
    series_->webhooks_dead.Set(static_cast<double>(dead));
    series_->webhooks_oldest.Set(static_cast<double>(oldest.count()));
}
void Metrics::outbox_sent() {
    series_->outbox_sent.Increment();
}
void Metrics::outbox_failed() {
    series_->outbox_failed.Increment();
}

void Metrics::gateway_offer(std::string_view gateway, std::string_view outcome) {
    series_->gateway_offers.Add({{"gateway", std::string(gateway)}, {"outcome", std::string(outcome)}}).Increment();
}
void Metrics::gateway_skipped(std::string_view gateway, bool skipped) {
    series_->gateways_skipped.Add({{"gateway", std::string(gateway)}}).Set(skipped ? 1 : 0);
}
void Metrics::gateway_receipt(std::string_view gateway, std::string_view outcome) {
    series_->gateway_receipts.Add({{"gateway", std::string(gateway)}, {"outcome", std::string(outcome)}}).Increment();
}

void Metrics::messages_today(std::string_view gateway, std::string_view kind, std::int64_t messages) {
    series_->day_messages
        .Add({{"gateway", gateway.empty() ? "unknown" : std::string(gateway)}, {"kind", std::string(kind)}})
        .Set(static_cast<double>(messages));
}
void Metrics::messages_cost_today(double yen, double budget_yen, bool over_budget) {
    series_->day_cost.Set(yen);
    series_->day_budget.Set(budget_yen);
    series_->over_budget.Set(over_budget ? 1 : 0);
}

void Metrics::database_error(std::string_view sql_state) {
    series_->database_errors.Add({{"class", sql_state.size() == 5 ? std::string(sql_state.substr(0, 2)) : "none"}})
        .Increment();
}

void Metrics::sign_in(SignInOutcome outcome) {
    series_->sign_ins.Add({{"outcome", kOutcomeNames.at(static_cast<std::size_t>(outcome))}}).Increment();
}

std::string Metrics::text() const {
    return prometheus::TextSerializer().Serialize(series_->registry.Collect());
}

}  // namespace madoguchi::telemetry
