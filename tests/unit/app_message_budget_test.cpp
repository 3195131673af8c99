#include "app/message_budget.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/http_fixture.hpp"

namespace madoguchi::app {
namespace {

using testing::HasSubstr;
using testing::Not;

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
        ++found;
    }
    return found;
}

TEST(MessageBudget, CostsAndAlarmsOnceADay) {
    http::testing::World world;
    GatewayConfiguration gateway;
    gateway.sms_order = {"twilio", "kannel"};
    gateway.voice_order = {"twilio"};
    gateway.twilio_prices = {10, 20};
    gateway.kannel_prices = {1, 0};
    gateway.daily_budget_yen = 100;
    MessageBudget budget(gateway, world.metrics, world.log);
    const messages::DayFigure sms{"twilio", gateway::MessageKind::sms, 4, 5};
    const messages::DayFigure calls{"twilio", gateway::MessageKind::voice, 2, 2};
    const messages::DayFigure others{"kannel", gateway::MessageKind::sms, 10, 10};
    const messages::DayFigure one_more{"kannel", gateway::MessageKind::sms, 11, 11};

    budget.look_at({sms, calls, others});
    auto text = world.metrics.text();
    EXPECT_THAT(text, HasSubstr("madoguchi_messages_today{gateway=\"twilio\",kind=\"sms\"} 4\n"));
    EXPECT_THAT(text, HasSubstr("madoguchi_messages_cost_today_yen 100\n"));
    EXPECT_THAT(text, HasSubstr("madoguchi_messages_budget_yen 100\n"));
    EXPECT_THAT(text, HasSubstr("madoguchi_messages_over_budget 0\n"));
    EXPECT_THAT(world.logged(), Not(HasSubstr("message_budget_passed")));

    budget.look_at({sms, calls, one_more});
    budget.look_at({sms, calls, one_more});
    EXPECT_THAT(world.metrics.text(), HasSubstr("madoguchi_messages_over_budget 1\n"));
    EXPECT_EQ(count(world.logged(), "message_budget_passed"), 1U);

    budget.look_at({});
    text = world.metrics.text();
    EXPECT_THAT(text, HasSubstr("madoguchi_messages_over_budget 0\n"));
    EXPECT_THAT(text, HasSubstr("madoguchi_messages_today{gateway=\"twilio\",kind=\"sms\"} 0\n")) << "a new day";
    budget.look_at({sms, calls, one_more});
    EXPECT_EQ(count(world.logged(), "message_budget_passed"), 2U) << "and its own alarm";
}

}  // namespace
}  // namespace madoguchi::app
