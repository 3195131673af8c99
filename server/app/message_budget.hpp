// What the day's messages cost, and the alarm when that passes the budget.
#pragma once

#include "app/configuration.hpp"
#include "messages/message_store.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"

namespace madoguchi::app {

class MessageBudget {
public:
    MessageBudget(const GatewayConfiguration& gateway, telemetry::Metrics& metrics, const telemetry::Log& log)
        : gateway_(gateway), metrics_(metrics), log_(log) {}

    /// Once a minute, from one thread.
    void look_at(const std::vector<messages::DayFigure>& day);

private:
    const GatewayConfiguration& gateway_;
    telemetry::Metrics& metrics_;
    const telemetry::Log& log_;
    bool over_ = false;
};

}  // namespace madoguchi::app
