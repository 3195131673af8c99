#include "app/message_budget.hpp"

#include "app/gateways.hpp"

namespace madoguchi::app {

void MessageBudget::look_at(const std::vector<messages::DayFigure>& day) {
    // After midnight a series that was not counted again would still say what yesterday was.
    for (const auto& name : gateway_.sms_order) {
        metrics_.messages_today(name, "sms", 0);
    }
    for (const auto& name : gateway_.voice_order) {
        metrics_.messages_today(name, "voice", 0);
    }
    double yen = 0;
    for (const auto& figure : day) {
        metrics_.messages_today(figure.gateway, gateway::to_text(figure.kind), figure.messages);
        yen += cost_yen(gateway_, figure.gateway, figure.kind, figure.units);
    }
    const bool over = gateway_.daily_budget_yen > 0 && yen > gateway_.daily_budget_yen;
    metrics_.messages_cost_today(yen, gateway_.daily_budget_yen, over);
    if (over && !over_) {
        log_.error("message_budget_passed", {{"yen", yen}, {"budget_yen", gateway_.daily_budget_yen}});
    }
    over_ = over;
}

}  // namespace madoguchi::app
