#include "gateway/circuit.hpp"

#include <gtest/gtest.h>

#include "base/limits.hpp"

namespace madoguchi::gateway {
namespace {

using namespace std::chrono_literals;

const Instant kNow = from_microseconds(1'780'000'000'000'000);

Circuit broken(Instant at) {
    Circuit circuit;
    for (int i = 0; i < limits::kGatewayFailures; ++i) {
        circuit.bad(at);
    }
    return circuit;
}

TEST(Circuit, OpensAfterFailuresInARow) {
    Circuit circuit;
    for (int i = 1; i < limits::kGatewayFailures; ++i) {
        circuit.bad(kNow);
        EXPECT_TRUE(circuit.may_try(kNow));
    }
    circuit.good();
    for (int i = 1; i < limits::kGatewayFailures; ++i) {
        circuit.bad(kNow);
    }
    EXPECT_FALSE(circuit.is_open()) << "a success between them begins a new row";
    circuit.bad(kNow);
    EXPECT_TRUE(circuit.is_open());
    EXPECT_FALSE(circuit.may_try(kNow));
    EXPECT_EQ(circuit.next_try(), kNow + limits::kGatewayFirstSkip);
}

TEST(Circuit, LetsOneTryWhenItsTimeHasCome) {
    auto circuit = broken(kNow);
    EXPECT_FALSE(circuit.may_try(kNow + limits::kGatewayFirstSkip - 1us));
    EXPECT_TRUE(circuit.may_try(kNow + limits::kGatewayFirstSkip));
    EXPECT_FALSE(circuit.may_try(kNow + limits::kGatewayFirstSkip)) << "one, not everybody who waits";
    circuit.good();
    EXPECT_TRUE(circuit.may_try(kNow + limits::kGatewayFirstSkip));
}

TEST(Circuit, WaitsTwiceAsLongUpToALimit) {
    auto circuit = broken(kNow);
    Instant now = kNow;
    std::chrono::seconds wait = limits::kGatewayFirstSkip;
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(circuit.next_try(), now + wait);
        now = circuit.next_try();
        ASSERT_TRUE(circuit.may_try(now));
        circuit.bad(now);
        wait = std::min<std::chrono::seconds>(wait * 2, limits::kGatewayLongestSkip);
    }
    EXPECT_EQ(circuit.next_try(), now + limits::kGatewayLongestSkip);
    circuit.good();
    circuit = broken(now);
    EXPECT_EQ(circuit.next_try(), now + limits::kGatewayFirstSkip) << "a success forgets the waits";
}

TEST(Circuit, DoesAsTheProviderAsks) {
    Circuit circuit;
    circuit.bad(kNow, 90s);
    EXPECT_EQ(circuit.next_try(), kNow + 90s) << "at once: it said so";
    Circuit greedy;
    greedy.bad(kNow, 24h);
    EXPECT_EQ(greedy.next_try(), kNow + limits::kGatewayLongestSkip);
}

TEST(Circuit, AClockThatStepsBackKeepsNobodyOut) {
    auto circuit = broken(kNow);
    EXPECT_TRUE(circuit.may_try(kNow - 24h));
}

}  // namespace
}  // namespace madoguchi::gateway
